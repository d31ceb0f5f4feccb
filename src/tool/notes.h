/* Notes: what this report cannot show, or would show with another setting; a sentence each. */
#ifndef LEAKWATCH_TOOL_NOTES_H
#define LEAKWATCH_TOOL_NOTES_H

#include "report.h"

/* Hands every note to take. A note may have a stranger's file name in it. */
void notes_of(const struct report *r, void (*take)(void *to, const char *note), void *to);

/* Has the program an argument that begins so? */
bool notes_has_argument(const struct report *r, const char *start);

#endif
