/* See account.h. */
#include "account.h"

#include "sampler.h"

static void add64(uint64_t *to, uint64_t value)
{
    if (value)
        __atomic_fetch_add(to, value, __ATOMIC_RELAXED);
}

void account_alloc_shared(uint32_t site, struct amount a)
{
    struct site *s = book_site(site);
    add64(&s->allocations, a.blocks);
    add64(&s->allocated_bytes, a.bytes);
    add64(&s->requested_bytes, a.requested);
}

void account_free_shared(uint32_t site, struct amount a)
{
    struct site *s = book_site(site);
    add64(&s->frees, a.blocks);
    add64(&s->freed_bytes, a.bytes);
}

static bool empty(const struct counter *c)
{
    return (c->allocs | c->frees) == 0;
}

/* A crashed or preempted former owner may have left the sequence odd: it is made even by the next
 * publishing, whose delta then includes what was in flight. */
void account_publish(struct counter *c)
{
    if (empty(c))
        return;
    uint32_t sequence = c->sequence | 1;
    __atomic_store_n(&c->sequence, sequence, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE); /* odd is seen before the account moves */
    account_alloc_shared(c->site, (struct amount){c->allocs, c->alloc_bytes, c->requested_bytes});
    account_free_shared(c->site, (struct amount){c->frees, c->freed_bytes, 0});
    __atomic_store_n(&c->frees, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&c->freed_bytes, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&c->allocs, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&c->alloc_bytes, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&c->requested_bytes, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&c->sequence, sequence + 1, __ATOMIC_RELEASE); /* pairs with read_counter */
}

COLD struct counter *account_enter(struct counter *c, uint32_t site)
{
    uint32_t leaving = c->site;
    account_publish(c);
    uint32_t sequence = c->sequence | 1;
    __atomic_store_n(&c->sequence, sequence, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    __atomic_store_n(&c->site, site, __ATOMIC_RELAXED);
    __atomic_store_n(&c->sequence, sequence + 1, __ATOMIC_RELEASE);
    if (leaving)
        sampler_leaving(leaving);
    return c;
}

void account_publish_all(struct thread *t)
{
    for (uint32_t i = 0; i < BLOCK_COUNTERS; i++)
        account_publish(&t->block->counters[i]);
}

void account_publish_totals(struct thread *t)
{
    __atomic_fetch_add(&book.head->live_bytes, t->net, __ATOMIC_RELAXED);
    if (t->mark)
        __atomic_fetch_add(&book.head->threads[t->mark].live_bytes, t->net, __ATOMIC_RELAXED);
    add64(&book.head->losses[LOSS_UNKNOWN_FREE], t->unknown_frees);
    t->net = 0;
    t->unknown_frees = 0;
}

/* Adds one counter to the sums if it is the site's and not being published right now. */
static void read_counter(const struct counter *c, uint32_t site, struct site *sum)
{
    if (__atomic_load_n(&c->site, __ATOMIC_RELAXED) != site)
        return;
    uint32_t before = __atomic_load_n(&c->sequence, __ATOMIC_ACQUIRE);
    uint64_t frees = __atomic_load_n(&c->frees, __ATOMIC_ACQUIRE);
    uint64_t freed = __atomic_load_n(&c->freed_bytes, __ATOMIC_ACQUIRE);
    uint64_t allocs = __atomic_load_n(&c->allocs, __ATOMIC_ACQUIRE);
    uint64_t bytes = __atomic_load_n(&c->alloc_bytes, __ATOMIC_ACQUIRE);
    uint32_t owner = __atomic_load_n(&c->site, __ATOMIC_ACQUIRE);
    if ((before & 1) || owner != site || before != __atomic_load_n(&c->sequence, __ATOMIC_RELAXED))
        return; /* on its way to the account: at most one delta is missed, at this sample only */
    sum->frees += frees;
    sum->freed_bytes += freed;
    sum->allocations += allocs;
    sum->allocated_bytes += bytes;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static struct site read_account(const struct site *s)
{
    struct site sum = {0};
    sum.frees = __atomic_load_n(&s->frees, __ATOMIC_ACQUIRE);
    sum.freed_bytes = __atomic_load_n(&s->freed_bytes, __ATOMIC_ACQUIRE);
    sum.allocations = __atomic_load_n(&s->allocations, __ATOMIC_ACQUIRE);
    sum.allocated_bytes = __atomic_load_n(&s->allocated_bytes, __ATOMIC_ACQUIRE);
    return sum;
}

/* Account, then counters; true if nothing was published meanwhile, so that no delta was seen twice or
 * not at all. */
static bool read_once(uint32_t site, struct site *sum)
{
    const struct site *s = book_site(site);
    struct site before = read_account(s);
    *sum = before;
    uint64_t blocks = __atomic_load_n(&book.head->area[AREA_OWNERS].used, __ATOMIC_ACQUIRE);
    for (uint32_t id = 1; id < blocks; id++)
        read_counter(&book_block(id)->counters[site % BLOCK_COUNTERS], site, sum);
    struct site after = read_account(s);
    return before.allocations == after.allocations && before.frees == after.frees;
}

#define READ_TRIES 3 /* a site busy in many threads is read once more next tick anyway */

struct standing account_read(uint32_t site)
{
    struct site sum;
    for (int tries = 0; !read_once(site, &sum) && tries < READ_TRIES; tries++) {
    }
    return (struct standing){.live_bytes = less(sum.allocated_bytes, sum.freed_bytes),
                             .live_blocks = less(sum.allocations, sum.frees),
                             .allocated_bytes = sum.allocated_bytes};
}
