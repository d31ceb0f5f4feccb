/* Terminal: the screen that lines are put on and keys come from. The one owner of curses. */
#ifndef LEAKWATCH_TOOL_TOP_TERMINAL_H
#define LEAKWATCH_TOOL_TOP_TERMINAL_H

#include <stdbool.h>

#include "top_screen.h"

/* NULL: it can be had; else why not: what this build or this place lacks. */
const char *top_terminal_lacks(void);

/* False: the terminal is of a kind that is not known. */
bool top_terminal_open(void);
void top_terminal_close(void);

void top_terminal_size(uint32_t *columns, uint32_t *rows);
void top_terminal_show(const struct top_screen *screen);

/* The next key (top_keys.h), after wait_ms at most; 0: none came, or the size has changed. */
uint32_t top_terminal_key(int wait_ms);

#endif
