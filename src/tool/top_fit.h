/* Fit: a line of UTF-8 as this terminal can show it. */
#ifndef LEAKWATCH_TOOL_TOP_FIT_H
#define LEAKWATCH_TOOL_TOP_FIT_H

#include <stdint.h>

/* A copy of at most that many columns, in the terminal's encoding (LC_CTYPE). Without UTF-8 there, sparklines
 * become ASCII, other characters "?". NULL without memory. free() it. */
char *top_fit(const char *line, uint32_t columns);

#endif
