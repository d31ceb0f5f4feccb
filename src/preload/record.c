/* See record.h. */
#include "record.h"

#include "account.h"
#include "capture.h"
#include "chunks.h"
#include "life.h"
#include "live.h"
#include "next.h"
#include "options.h"
#include "poisson.h"
#include "regions.h"
#include "sampler.h"
#include "sites.h"
#include "thread.h"

/* The thread that counts this event, or NULL while nothing can be recorded. In a forked child every
 * countdown reads 0, so that nothing below touches the parent's ledger. */
static inline struct thread *thread_of_event(void)
{
    struct thread *t = self;
    if (unlikely(--t->countdown < 0))
        t = life_event(t);
    return t;
}

/* What the block really takes, where the allocator can tell. */
static inline uint64_t size_of(void *p, uint64_t requested)
{
    return likely(next_has_sizes) ? next.malloc_usable_size(p) : requested;
}

static uint32_t site_here(struct thread *t, const void *frame)
{
    if (unlikely(told.excluded))
        return sites_excluded(SITE_HEAP);
    struct caller who = cpu_caller(frame);
    capture(&t->walk, &who, options.depth);
    uint32_t site = site_of(&t->walk, SITE_HEAP);
    memo_note(&t->memo, &t->walk, who, site);
    return site;
}

/* site: of this stack, or 0 where it is not known yet. */
static inline uint32_t site_or_walk(struct thread *t, const void *frame, uint32_t site)
{
    return site ? site : site_here(t, frame);
}

static inline __attribute__((always_inline)) uint32_t map_site_here(struct thread *t, const void *frame)
{
    if (unlikely(told.excluded))
        return sites_excluded(SITE_MMAP);
    struct caller who = cpu_caller(frame);
    capture(&t->walk, &who, options.depth);
    return site_of(&t->walk, SITE_MMAP);
}

/* The address is in use already: some free was never seen. What was there is written off at this
 * block's size, for its own is not known any more. */
static COLD void occupied(struct thread *t, uint32_t before, uint64_t bytes)
{
    loss(LOSS_LIVE_OCCUPIED);
    account_free(t, before & LIVE_SITE_MASK, (struct amount){1, bytes, 0});
}

static inline void enter(struct thread *t, void *p, uint32_t site, struct amount a)
{
    account_alloc(t, site, a);
    uint32_t before = live_put(p, site | t->birth);
    if (unlikely(before))
        occupied(t, before, a.bytes);
}

static void enter_with_size(struct thread *t, void *p, uint32_t entry, struct amount a, size_t size)
{
    account_alloc(t, entry & LIVE_SITE_MASK, a);
    uint32_t before = live_put_sized(p, entry, size);
    if (unlikely(before))
        occupied(t, before, a.bytes);
}

/* Sampling, and allocators that cannot tell sizes: the requested size is kept beside the entry. */
static COLD void alloc_with_size(struct thread *t, void *p, size_t size, const void *frame, uint32_t site)
{
    struct amount a = {1, size_of(p, size), size};
    if (options.sample_bytes) {
        if (!poisson_takes(t, size))
            return;
        a = poisson_weigh(a, p);
    }
    enter_with_size(t, p, site_or_walk(t, frame, site) | t->birth, a, size);
}

/* An allocator that is not ready to tell sizes, or never will: what was asked for is what counts, then and at
 * free. */
static COLD void alloc_aside(struct thread *t, void *p, size_t size, const void *frame, uint32_t site)
{
    struct amount a = {1, size, size};
    if (options.sample_bytes) {
        if (!poisson_takes(t, size))
            return;
        a = poisson_weigh(a, p);
    }
    enter_with_size(t, p, site_or_walk(t, frame, site) | LIVE_BIRTH_ASIDE << LIVE_SITE_BITS, a, size);
}

void record_alloc_foreign(void *p, size_t size, const void *frame)
{
    struct thread *t = thread_of_event();
    if (t)
        alloc_aside(t, p, size, frame, 0);
}

static void alloc_as_told(struct thread *t, void *p, size_t size, const void *frame, uint32_t site)
{
    uint64_t bytes = next.malloc_usable_size(p);
    if (unlikely(bytes < size)) {
        alloc_aside(t, p, size, frame, site);
        return;
    }
    if (unlikely(!chunks_known))
        chunks_try(p, bytes);
    enter(t, p, site_or_walk(t, frame, site), (struct amount){1, bytes, size});
}

static NOINLINE void *alloc_anyhow(struct thread *t, void *p, size_t size, const void *frame, uint32_t site)
{
    if (unlikely(t->countdown < 0) && !(t = life_event(t)))
        return p;
    if (unlikely(next_keeps_sizes))
        alloc_with_size(t, p, size, frame, site);
    else
        alloc_as_told(t, p, size, frame, site);
    return p;
}

/* A function of its own: the same stack as last time shall not pay for it. */
static NOINLINE uint32_t site_remembered(const struct thread *t, const void *frame)
{
    return memo_find(&t->memo, &t->walk, cpu_caller(frame));
}

/* The straight way: the same stack as last time, a block of glibc's, and a counter for its site at hand. It
 * calls nothing. In any doubt alloc_anyhow does it from the beginning. */
void *record_alloc(void *p, size_t size, const void *frame)
{
    struct thread *t = self;
    struct walk *w = &t->walk;
    if (unlikely(--t->countdown < 0))
        return alloc_anyhow(t, p, size, frame, 0);
    if (unlikely(options.sample_bytes) && poisson_passes(size))
        return p;
    uint32_t site =
        capture_unchanged(w, cpu_caller(frame)) ? w->frames[w->count - 1].site : site_remembered(t, frame);
    if (unlikely(!chunks_known)) /* another allocator's, or sampled */
        return alloc_anyhow(t, p, size, frame, site);
    uint64_t bytes = chunk_bytes(p);
    struct counter *c = account_at_hand(t, site);
    uint32_t *slot = live_slot_aligned(p);
    if (unlikely(!c || !bytes || !slot || *slot || account_is_full(c->alloc_bytes, bytes)))
        return alloc_anyhow(t, p, size, frame, site);
    t->net += (int64_t)bytes;
    account_count_alloc(c, (struct amount){1, bytes, size});
    __atomic_store_n(slot, site | t->birth, __ATOMIC_RELAXED);
    return p;
}

static inline bool aside(uint32_t entry)
{
    return entry >> LIVE_SITE_BITS == LIVE_BIRTH_ASIDE;
}

static struct remembered take(void *p)
{
    struct remembered was = {.block = p};
    if (unlikely(next_keeps_sizes)) {
        was.entry = live_take_sized(p, &was.requested);
    } else {
        was.entry = live_take(p);
        was.requested = unlikely(aside(was.entry)) ? live_take_size(p) : 0;
    }
    if (was.entry)
        was.bytes = aside(was.entry) ? was.requested : size_of(p, was.requested);
    return was;
}

static struct amount amount_taken(struct remembered was)
{
    struct amount a = {1, was.bytes, was.requested};
    return unlikely(options.sample_bytes) ? poisson_weigh(a, was.block) : a;
}

/* Called while the block is still the program's: its size can be asked for. */
static COLD void free_with_size(struct thread *t, void *p)
{
    struct remembered was = take(p);
    if (was.entry)
        account_free(t, was.entry & LIVE_SITE_MASK, amount_taken(was));
    else if (!options.sample_bytes)
        t->unknown_frees++;
}

static NOINLINE void free_anyhow(struct thread *t, void *p)
{
    if (unlikely(t->countdown < 0) && !(t = life_event(t)))
        return;
    uint32_t *slot = unlikely(next_keeps_sizes) ? NULL : live_slot(p);
    uint32_t entry = slot ? __atomic_load_n(slot, __ATOMIC_RELAXED) : 0;
    if (unlikely(!entry || aside(entry))) {
        free_with_size(t, p);
        return;
    }
    __atomic_store_n(slot, 0, __ATOMIC_RELAXED);
    account_free(t, entry & LIVE_SITE_MASK, (struct amount){1, next.malloc_usable_size(p), 0});
}

/* The straight way, as above. */
void record_free(void *p)
{
    struct thread *t = self;
    uint32_t *slot;
    if (unlikely(--t->countdown < 0 || !chunks_known || !(slot = live_slot_aligned(p)))) {
        free_anyhow(t, p);
        return;
    }
    uint32_t entry = __atomic_load_n(slot, __ATOMIC_RELAXED);
    struct counter *c = account_at_hand(t, entry & LIVE_SITE_MASK);
    uint64_t bytes = c && !aside(entry) ? chunk_bytes(p) : 0;
    if (unlikely(!bytes || account_is_full(c->freed_bytes, bytes))) {
        free_anyhow(t, p);
        return;
    }
    __atomic_store_n(slot, 0, __ATOMIC_RELAXED);
    t->net -= (int64_t)bytes;
    account_count_free(c, (struct amount){1, bytes, 0});
}

struct remembered record_forget(void *p)
{
    struct thread *t = thread_of_event();
    if (unlikely(!t))
        return (struct remembered){.block = p};
    struct remembered was = take(p);
    if (!was.entry && !options.sample_bytes)
        t->unknown_frees++;
    return was;
}

void record_forgotten(struct remembered was)
{
    if (was.entry)
        account_free(self, was.entry & LIVE_SITE_MASK, amount_taken(was));
}

struct remembered record_forget_nested(void *p)
{
    if (!p || life_is_foreign())
        return (struct remembered){.block = p};
    return take(p);
}

void record_forgotten_nested(struct remembered was)
{
    if (was.entry)
        account_free_shared(was.entry & LIVE_SITE_MASK, amount_taken(was));
}

void record_free_nested(void *p)
{
    record_forgotten_nested(record_forget_nested(p));
}

void record_put_back(struct remembered was)
{
    if (!was.entry)
        return;
    if (next_keeps_sizes || aside(was.entry))
        live_put_sized(was.block, was.entry, was.requested);
    else
        live_put(was.block, was.entry);
}

void record_map(void *start, size_t length, int writable, const void *frame)
{
    struct thread *t = thread_of_event();
    if (t)
        regions_map((uintptr_t)start, length, map_site_here(t, frame), writable);
}

void record_unmap(void *start, size_t length)
{
    if (thread_of_event())
        regions_unmap((uintptr_t)start, length);
}

void record_unmap_nested(void *start, size_t length)
{
    if (!life_is_foreign())
        regions_unmap((uintptr_t)start, length);
}

void record_protect(void *start, size_t length, int writable, const void *frame)
{
    struct thread *t = thread_of_event();
    if (t && regions_may_know((uintptr_t)start, length))
        regions_protect((uintptr_t)start, length, map_site_here(t, frame), writable);
}

uintptr_t record_lift(void *old, size_t old_length)
{
    return thread_of_event() ? regions_lift((uintptr_t)old, old_length) : 0;
}

void record_land(uintptr_t lifted, size_t old_length, void *start, size_t length, int keep_old,
                 const void *frame)
{
    struct thread *t = self;
    if (lifted && t->id)
        regions_land(lifted, old_length, (uintptr_t)start, length, map_site_here(t, frame), keep_old);
}

void record_drop(uintptr_t lifted, void *old, size_t old_length)
{
    if (lifted)
        regions_land(lifted, old_length, (uintptr_t)old, old_length, 0, 0);
}

void record_charge(uint32_t site, int64_t bytes, int blocks)
{
    uint64_t size = (uint64_t)(bytes < 0 ? -bytes : bytes);
    struct amount a = {(uint64_t)(blocks < 0 ? -blocks : blocks), size, size};
    if (bytes < 0)
        account_free_shared(site, a);
    else
        account_alloc_shared(site, a);
    __atomic_fetch_add(&book.head->live_bytes, bytes, __ATOMIC_RELAXED);
    sampler_touched(site);
}
