/* Children: the other processes below one that was preloaded, as far as they left a ledger. */
#ifndef LEAKWATCH_TOOL_CHILDREN_H
#define LEAKWATCH_TOOL_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"

struct child {
    char *path;
    char program[64];
    uint32_t pid;
    bool judged;      /* false: its ledger could not be, and is kept */
    uint32_t growing; /* as of brief.h */
    uint64_t age_ms;
    bool ended; /* cleanly: it removes no ledger any more */
};

struct children {
    struct child *items;
    uint32_t count;
    uint32_t recorded; /* also those whose ledger is gone again: they had nothing to tell */
    uint32_t flagged;  /* of items */
};

/* Of the process that this head is of; oldest first. images: also earlier images of the process itself,
 * from before it called exec. */
struct children children_of(const struct ledger_header *head, bool images);
void children_free(struct children *c);

/* After the root's report: removes the ledgers of children that ended and have nothing to tell. */
void children_prune(const struct ledger_header *head);

#endif
