/* Crowds: the lives (lives.h) that have something on their stacks in common. */
#ifndef LEAKWATCH_TOOL_CROWDS_H
#define LEAKWATCH_TOOL_CROWDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lives.h"
#include "symbols.h" /* for uthash */

struct member {
    struct life *life;
    uint32_t at; /* call, or frame, of its stack */
};

struct crowd {
    char *key; /* what they have in common */
    struct member *members;
    uint32_t count, room;
    uint64_t distance; /* from the allocation, summed */
    UT_hash_handle hh;
};

struct crowds {
    struct crowd *all; /* uthash; NULL at first */
    uint32_t members;  /* of all; no more are taken when there are too many, for a ledger may be forged */
};

/* A life joins the crowd of this key, once, with its first call. distance: of the call from the allocation.
 * False without memory. */
bool crowds_join(struct crowds *crowds, const void *key, size_t length, struct member member,
                 uint32_t distance);
void crowds_free(struct crowds *crowds);

/* Did those that are not taken grow, and more than one of them? */
bool crowd_has_grown(const struct crowd *crowd);

#endif
