/* Frames: numbers for the symbols of a report, 0, 1, 2 ... in the order in which they are first asked for, so
 * that a document may say each of them once. */
#ifndef LEAKWATCH_TOOL_FRAMES_H
#define LEAKWATCH_TOOL_FRAMES_H

#include "symbols.h"

struct frames {
    struct numbered *all; /* uthash; NULL at first */
};

/* By identity: the symbols must stay where they are. As many numbers are known as frames_count says. */
uint32_t frames_number(struct frames *f, const struct symbol *symbol);
uint32_t frames_count(const struct frames *f);
void frames_free(struct frames *f);

#endif
