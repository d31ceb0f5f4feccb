/* Groups: growth that recursion or generic code has split over many stacks, each too small to be flagged.
 *
 * The sites that no finding tells are gathered by the functions on their stacks, a recursive one counting
 * once; their sum is judged as a site is. Functions nearest to the allocation are asked first, so that a
 * group stands at the frame where its stacks become one thing; a site belongs to one group at most.
 */
#ifndef LEAKWATCH_TOOL_GROUPS_H
#define LEAKWATCH_TOOL_GROUPS_H

#include "findings.h"
#include "stack.h"

struct report;

struct group {
    struct stack stack; /* of the site that holds most */
    uint32_t at;        /* the call in it that all have in common */
    uint32_t strongest; /* that site */
    uint32_t stacks;
    uint64_t live_blocks;
    struct history history; /* the sum */
    struct judgement judgement;
    double from_bytes, live_bytes;
    bool known; /* from a baseline */
};

struct groups {
    struct group *items; /* by growth */
    uint32_t count;
    uint32_t growing; /* without the known */
    double bytes_per_s;
};

/* Of the sites that are neither growing findings, nor a runtime's, nor suppressed. 0, or -1 without memory
 * (all is empty then). */
int groups_of(struct groups *gs, struct report *r);
void groups_free(struct groups *gs);

/* A group that is known from a baseline: it is no longer counted. */
void groups_know(struct groups *gs, uint32_t index);

/* The call that all its stacks have in common. */
const struct call *group_call(const struct group *g);

#endif
