/* Lives: what the sites that no finding tells held over the run, all on one grid, so that they can be added
 * up. */
#ifndef LEAKWATCH_TOOL_LIVES_H
#define LEAKWATCH_TOOL_LIVES_H

#include "findings.h"
#include "stack.h"

struct report;

#define LIFE_SLOTS HISTORY_WINDOWS

struct life {
    const struct finding *finding;
    struct stack stack;                            /* its holder's to read and to free; lives_free does */
    double low[LIFE_SLOTS], allocated[LIFE_SLOTS]; /* bytes; allocated since the start */
    double high_then;                              /* the most it held half-way */
    double live;
    bool taken; /* its holder's */
};

struct lives {
    struct findings all; /* what the lives point to */
    struct life *items;  /* the heaviest, 4,096 at most: a forged ledger may have millions */
    uint32_t count;
    uint64_t start_ms, end_ms; /* of the grid */
};

/* Of all sites of the heap that do not grow by themselves and are no runtime's. 0, or -1 without memory. */
int lives_of(struct lives *lives, const struct report *r);
void lives_free(struct lives *lives);

/* Age of the process when a slot ends. */
uint64_t lives_slot_end(const struct lives *lives, uint32_t slot);

#endif
