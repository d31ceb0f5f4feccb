/* Sites: which distinct stack is this? Never fails: site 0 is "(untracked)".
 *
 * Two steps. A shared, lossy cache maps the 64-bit hash of a walk (raw addresses, seeded with the module
 * epoch) to a site: eight entries of eight bytes to a cache line, read and written whole, so it needs no
 * lock; the upper 40 bits of the hash and the set it lies in must agree. On a miss the stack is put into
 * the ledger's prefix tree as (parent, module, offset), and the site is the one of its youngest node:
 * the same stack is the same site whatever the loader did to addresses in between.
 */
#ifndef LEAKWATCH_PRELOAD_SITES_H
#define LEAKWATCH_PRELOAD_SITES_H

#include <stdbool.h>
#include <stdint.h>

#include "../ledger/layout.h"
#include "book.h"
#include "capture.h"
#include "hints.h"
#include "live.h"

#define SITES_WAYS 8u
#define SITES_SETS (1u << 13) /* 64 Ki entries, 512 KiB: a compiler has 80,000 stacks */

extern HIDDEN uint64_t *sites_cache; /* NULL until sites_init */

/* Finds or makes the site of a walk that missed the cache. */
uint32_t sites_find(struct walk *w, enum site_kind kind, uint64_t hash);

/* The one site of all that the program excluded: a live table that knows its blocks stays true. It has no
 * stack, is never sampled and never judged. Made on first use; 0 where there is no room for it. */
uint32_t sites_excluded(enum site_kind kind);

static inline bool sites_is_excluded(uint32_t site)
{
    const struct ledger_header *head = book.head;
    return site && (site == __atomic_load_n(&head->excluded[SITE_HEAP], __ATOMIC_RELAXED) ||
                    site == __atomic_load_n(&head->excluded[SITE_MMAP], __ATOMIC_RELAXED));
}

/* Tables of this process; false without memory (then nothing is recorded). */
bool sites_init(void);

static inline uint32_t sites_look_up(struct walk *w, enum site_kind kind)
{
    /* malloc and mmap tail-called from one place share a return address */
    uint64_t hash = w->hash ^ (uint64_t)kind << 63;
    const uint64_t *set = &sites_cache[(hash % SITES_SETS) * SITES_WAYS];
    for (uint32_t way = 0; way < SITES_WAYS; way++) {
        uint64_t entry = __atomic_load_n(&set[way], __ATOMIC_ACQUIRE); /* a plain load on x86 */
        if ((entry ^ hash) >> LIVE_SITE_BITS == 0)
            return (uint32_t)entry & LIVE_SITE_MASK;
    }
    return sites_find(w, kind, hash);
}

/* A frame that stays where it is keeps its site, too. */
static inline uint32_t site_of(struct walk *w, enum site_kind kind)
{
    uint32_t *known = &w->frames[w->count - 1].site;
    if (kind != SITE_HEAP)
        return sites_look_up(w, kind);
    if (unlikely(!*known))
        *known = sites_look_up(w, kind);
    return *known;
}

#endif
