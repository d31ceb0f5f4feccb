/* See ledger.h: what the sites of a ledger hold.
 *
 * live(site) = account + its counter in every block. While a thread moves a delta from its counter to
 * the account, the two halves are read under the counter's sequence: if any sequence that was read has
 * changed at the end, the sum is taken again. That goes for every counter that the site could be in: one
 * may come to the site, count and leave again between two looks. A sequence that stays odd belongs to a
 * thread that died in the middle: the account alone is taken, and the delta is told as in flight, never
 * counted twice.
 */
#include "ledger.h"

#include <stdbool.h>
#include <string.h>

#include "ledger_item.h"

/* A live writer holds a sequence odd for nanoseconds; a dead one for ever. */
#define TRIES 64

static const struct counter *counters_of(const struct ledger *l, uint32_t block)
{
    return ((const struct block *)ledger_item(l, AREA_BLOCKS, block))->counters;
}

static void add_frees(struct sums *s, const struct counter *c)
{
    s->frees += LOAD(c->frees);
    s->freed_bytes += LOAD(c->freed_bytes);
}

static void add_allocations(struct sums *s, const struct counter *c)
{
    s->allocations += LOAD(c->allocs);
    s->allocated_bytes += LOAD(c->alloc_bytes);
    s->requested_bytes += LOAD(c->requested_bytes);
}

static void add_account_frees(struct sums *s, const struct site *site)
{
    s->frees += LOAD_ACQUIRE(site->frees);
    s->freed_bytes += LOAD_ACQUIRE(site->freed_bytes);
}

static void add_account_allocations(struct sums *s, const struct site *site)
{
    s->allocations += LOAD_ACQUIRE(site->allocations);
    s->allocated_bytes += LOAD_ACQUIRE(site->allocated_bytes);
    s->requested_bytes += LOAD_ACQUIRE(site->requested_bytes);
}

static void settle(struct sums *s)
{
    s->live_blocks = s->allocations > s->frees ? s->allocations - s->frees : 0;
    s->live_bytes = s->allocated_bytes > s->freed_bytes ? s->allocated_bytes - s->freed_bytes : 0;
}

/* Of every counter that the site could be in, whosever it is now. Sequences only rise, so equal sums are
 * equal sequences. even: an odd one counts as what it was before. */
static uint64_t sequences_of(const struct ledger *l, uint32_t id, bool even)
{
    uint64_t sequences = 0;
    for (uint32_t b = 1; b < l->used[AREA_BLOCKS]; b++) {
        uint32_t sequence = LOAD_ACQUIRE(counters_of(l, b)[id % BLOCK_COUNTERS].sequence);
        sequences += even ? sequence - sequence % 2 : sequence;
    }
    return sequences;
}

/* One half of a site's counts in all blocks. A counter of site 0 is an empty one. */
static void read_blocks(const struct ledger *l, uint32_t id, struct sums *s, bool allocations)
{
    for (uint32_t b = 1; id && b < l->used[AREA_BLOCKS]; b++) {
        const struct counter *c = &counters_of(l, b)[id % BLOCK_COUNTERS];
        if (LOAD_ACQUIRE(c->site) != id)
            continue;
        if (LOAD_ACQUIRE(c->sequence) % 2)
            s->in_flight += allocations;
        else if (allocations)
            add_allocations(s, c);
        else
            add_frees(s, c);
    }
}

/* All frees before any allocation: a block freed in between must not be missing its allocation. And what
 * moves in between is missing from the frees (the account is read first) and twice in the allocations (it is
 * read last), never the other way round. */
static void read_once(const struct ledger *l, uint32_t id, const struct site *site, struct sums *s)
{
    *s = (struct sums){0};
    add_account_frees(s, site);
    read_blocks(l, id, s, false);
    read_blocks(l, id, s, true);
    add_account_allocations(s, site);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
}

struct sums ledger_sums(const struct ledger *l, uint32_t site)
{
    struct sums s = {0};
    const struct site *account = ledger_site(l, site);
    if (!account)
        return s;
    for (int i = 0; i < TRIES; i++) {
        uint64_t before = sequences_of(l, site, false);
        read_once(l, site, account, &s);
        if (sequences_of(l, site, false) == before)
            break;
    }
    settle(&s);
    return s;
}

/* One half of all counters whose site exists. */
static void take_counters(const struct ledger *l, struct sums *sums, bool allocations)
{
    for (uint32_t b = 1; b < l->used[AREA_BLOCKS]; b++) {
        const struct counter *c = counters_of(l, b);
        for (uint32_t i = 0; i < BLOCK_COUNTERS; i++) {
            uint32_t site = LOAD_ACQUIRE(c[i].site);
            if (!site || site % BLOCK_COUNTERS != i || site >= l->used[AREA_SITES])
                continue;
            if (allocations)
                add_allocations(&sums[site], &c[i]);
            else
                add_frees(&sums[site], &c[i]);
        }
    }
}

void ledger_all_sums(const struct ledger *l, struct sums *sums)
{
    uint64_t sites = l->used[AREA_SITES], before[BLOCK_COUNTERS];
    memset(sums, 0, sites * sizeof *sums);
    for (uint32_t i = 0; i < BLOCK_COUNTERS; i++)
        before[i] = sequences_of(l, i, true);
    for (uint32_t id = 0; id < sites; id++)
        add_account_frees(&sums[id], ledger_site(l, id));
    take_counters(l, sums, false);
    take_counters(l, sums, true);
    for (uint32_t id = 0; id < sites; id++)
        add_account_allocations(&sums[id], ledger_site(l, id));
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < BLOCK_COUNTERS; i++)
        before[i] -= sequences_of(l, i, false);
    /* Whatever moved meanwhile (few: this takes milliseconds), or is on its way, is read again, carefully. */
    for (uint32_t id = 0; id < sites; id++) {
        if (before[id % BLOCK_COUNTERS])
            sums[id] = ledger_sums(l, id);
        else
            settle(&sums[id]);
    }
}
