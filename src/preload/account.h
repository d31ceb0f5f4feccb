/* Accounts: what did a site allocate and free? Plain adds in the thread's own block, moved to the
 * site's account when an entry is evicted and at ticks.
 *
 *     live(site) = account + its counter in every block          (account_read; ledger_sums in the tool)
 *
 * An entry moves under its sequence number: odd, add to the account, clear, even. Whoever is killed in
 * between leaves it odd, and a reader reports that delta as in flight instead of counting it twice.
 */
#ifndef LEAKWATCH_PRELOAD_ACCOUNT_H
#define LEAKWATCH_PRELOAD_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "book.h"
#include "hints.h"
#include "thread.h"

/* Counters hold 32 bits; a block beyond this goes to the account directly, so that a counter holds
 * at least 256 events. */
#define ACCOUNT_LARGE (UINT64_C(1) << 24)

/* What an event adds. blocks is 1, or a sample's weight; bytes likewise. */
struct amount {
    uint64_t blocks, bytes, requested;
};

/* Makes room for a site in its slot (publishing who was there) and returns it. */
struct counter *account_enter(struct counter *c, uint32_t site);

/* Moves an entry to the account. The caller owns the block. */
void account_publish(struct counter *c);
void account_publish_all(struct thread *t);
/* The thread's share of the running totals and losses. */
void account_publish_totals(struct thread *t);

/* Straight to the account, by atomic adds: large blocks, site 0, signal handlers, mappings. */
void account_alloc_shared(uint32_t site, struct amount a);
void account_free_shared(uint32_t site, struct amount a);

struct standing {
    uint64_t live_bytes, live_blocks; /* clamped at 0 */
    uint64_t allocated_bytes;         /* cumulative */
};
/* Account and every block: exact but for what is in flight. */
struct standing account_read(uint32_t site);

/* One relaxed add to a counter that only its own thread writes (readers may look at any time). */
static inline void account_add(uint32_t *to, uint64_t value)
{
    __atomic_store_n(to, __atomic_load_n(to, __ATOMIC_RELAXED) + (uint32_t)value, __ATOMIC_RELAXED);
}

/* The site's counter, if it is in the thread's block, else NULL. */
static inline struct counter *account_at_hand(struct thread *t, uint32_t site)
{
    struct counter *c = &t->block->counters[site % BLOCK_COUNTERS];
    return likely(c->site == site && site) ? c : NULL;
}

static inline struct counter *account_slot(struct thread *t, uint32_t site, uint64_t bytes)
{
    if (unlikely(site == 0 || bytes >= ACCOUNT_LARGE))
        return NULL;
    struct counter *c = &t->block->counters[site % BLOCK_COUNTERS];
    return likely(c->site == site) ? c : account_enter(c, site);
}

/* Blocks never outnumber bytes, so bytes alone bound every counter. */
static inline bool account_is_full(uint32_t counter, uint64_t bytes)
{
    return (counter + bytes) >> 32 != 0;
}

static inline void account_count_alloc(struct counter *c, struct amount a)
{
    account_add(&c->allocs, a.blocks);
    account_add(&c->alloc_bytes, a.bytes);
    account_add(&c->requested_bytes, a.requested);
}

static inline void account_count_free(struct counter *c, struct amount a)
{
    account_add(&c->frees, a.blocks);
    account_add(&c->freed_bytes, a.bytes);
}

static inline void account_alloc(struct thread *t, uint32_t site, struct amount a)
{
    t->net += (int64_t)a.bytes;
    struct counter *c = account_slot(t, site, a.bytes);
    if (unlikely(!c)) {
        account_alloc_shared(site, a);
        return;
    }
    if (unlikely(account_is_full(c->alloc_bytes, a.bytes)))
        account_publish(c);
    account_count_alloc(c, a);
}

static inline void account_free(struct thread *t, uint32_t site, struct amount a)
{
    t->net -= (int64_t)a.bytes;
    struct counter *c = account_slot(t, site, a.bytes);
    if (unlikely(!c)) {
        account_free_shared(site, a);
        return;
    }
    if (unlikely(account_is_full(c->freed_bytes, a.bytes)))
        account_publish(c);
    account_count_free(c, a);
}

#endif
