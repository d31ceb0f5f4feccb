/* Output: where a report goes. */
#ifndef LEAKWATCH_TOOL_OUTPUT_H
#define LEAKWATCH_TOOL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "layout.h"

/* The file that a pattern means for this process: %p pid, %n program, %t start time in seconds since 1970,
 * %h host, %%. free() it; NULL without memory. "stdout", "stderr" and "none" stay what they are. */
char *output_name(const char *pattern, const struct ledger_header *head);

/* Whether colours may be used there: a terminal, and NO_COLOR is not set. */
bool output_colour(const char *name);

/* Writes it all. 0, or -1 with one line in why. */
int output_write(const char *name, const char *text, size_t size, char *why, size_t why_size);

#endif
