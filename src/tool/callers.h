/* Callers: which functions of the program asked for a runtime's memory, and how much of it. */
#ifndef LEAKWATCH_TOOL_CALLERS_H
#define LEAKWATCH_TOOL_CALLERS_H

#include <stdint.h>

#include "stack.h"

/* A program-level function that asked for pages. */
struct caller {
    struct call call;
    double bytes;  /* what its requests hold more than in the first quarter of the run; of a heap that does
                    * not grow: what they hold */
    double share;  /* of all members' bytes, 0..1 */
    uint32_t site; /* the one that weighs most: its stack is shown */
    double most;   /* the bytes of that one */
};

/* What the site's requests hold, under the function that made them. There must be room for one more; returns
 * how many there are then: a function has several pieces of code (interpreted, compiled, compiled again), and
 * is one. */
uint32_t callers_add(struct caller *callers, uint32_t count, const struct call *call, uint32_t site,
                     double bytes);
/* Sorts by share of `all` bytes, and returns how many are left: those that gave back more than they took are
 * no cause. */
uint32_t callers_rank(struct caller *callers, uint32_t count, double all);

#endif
