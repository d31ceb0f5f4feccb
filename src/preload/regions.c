/* Regions (regions.h): from the program's calls to events, from events to the map, from there to
 * charges.
 *
 * Two halves. Above: callers, who only ever put an event into the queue and look whether the lock is
 * free. Below: what an event does to the map; only the holder of the lock is there.
 * Signals are off from before the event is put until the queue is applied: a handler that never
 * returns (siglongjmp) would leave a slot unwritten, or the lock taken, for ever.
 */
#include "regions.h"

#include <stddef.h>
#include <string.h>

#include "book.h"
#include "region_map.h"
#include "region_queue.h"
#include "sys.h"

#define PAGE UINT64_C(4096)

/* A lifted range keeps its address and gets a ticket in the byte that no user address has (they end
 * at 56 bits even with five-level page tables), so that it lies in the same map, out of everybody's
 * way. Tickets come round after 255: two ranges meet only if one address was lifted twice at once. */
#define TICKET_SHIFT 56
#define TICKETS      255u

/* Turned into zeroes by the kernel in a forked child, where it would be another process's memory. */
struct regions_memory {
    uint32_t ours; /* 1; reads 0 in a forked child whose kernel wiped all this */
    struct region_queue queue;
    uint32_t lifted;                    /* tickets given out: atomic */
    uintptr_t lowest_inverted, highest; /* all that was ever mapped lies in between: atomic, only rise */
    uint32_t mappings;                  /* serial of the last mapping; the lock's, as all below */
    uint32_t blocks;                    /* highest block ever used */
    uint32_t free_block;                /* head of the chain of free ones, 0 = none */
    uint32_t parts[REGION_MAP_MAX + 2]; /* of a block: its regions; of a free one: the next free one.
                                         * A block has at least one region, so there is always room */
    unsigned char stack[16384] __attribute__((aligned(16))); /* of whoever has the lock */
};
static struct regions_memory *memory; /* NULL: nothing is followed */
static struct region_map map;         /* the lock's */
static uint32_t lock;                 /* 1 = somebody applies the queue */
static regions_charge *charge;

static void drain(void *budget);

/* ---- callers ---- */

void regions_init(regions_charge *to)
{
    charge = to;
    memory = sys_memory(sizeof *memory);
    if (!memory) {
        loss(LOSS_MMAP_FULL);
        return;
    }
    SYS3(SYS_madvise, memory, sizeof *memory, MADV_WIPEONFORK);
    memory->ours = 1;
}

/* Applies events as long as there are any, but not for ever when other threads keep adding. On a stack
 * of ours: a program that maps memory may do so on a coroutine's 4 KiB, and changing the map takes
 * more of it than a hook may. */
static void settle(void)
{
    struct region_queue *queue = &memory->queue;
    unsigned budget = 2 * REGION_QUEUE_SLOTS;

    /* The look at the queue after the lock is free again (both full barriers: the exchange here, and
     * the one of whoever puts an event and then finds the lock taken) lets no event be forgotten. */
    while (budget > 0 && region_queue_first(queue) && !__atomic_exchange_n(&lock, 1, __ATOMIC_SEQ_CST)) {
        cpu_call_on_stack(memory->stack + sizeof memory->stack, drain, &budget);
        __atomic_exchange_n(&lock, 0, __ATOMIC_SEQ_CST);
    }
}

static void post(const struct region_event *event)
{
    uint64_t before;
    if (event->start % PAGE != 0 || event->start >= event->end)
        return;
    if (unlikely(!sys_signals_off(&before))) {
        loss(LOSS_MMAP_QUEUE);
        return;
    }
    if (!region_queue_put(&memory->queue, event)) {
        settle();
        if (!region_queue_put(&memory->queue, event))
            loss(LOSS_MMAP_QUEUE);
    }
    settle();
    sys_signals_back(&before);
}

/* The end of a range as the kernel sees it; 0, which ends nothing, when it wraps. */
static uintptr_t end_of(uintptr_t start, uint64_t length)
{
    uint64_t pages = (length + PAGE - 1) & ~(PAGE - 1);
    uintptr_t end;
    return pages < length || __builtin_add_overflow(start, pages, &end) ? 0 : end;
}

static void raise_to(uintptr_t *most, uintptr_t value)
{
    uintptr_t now = __atomic_load_n(most, __ATOMIC_RELAXED);
    while (now < value &&
           !__atomic_compare_exchange_n(most, &now, value, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
    }
}

/* Everything that was ever mapped lies between two addresses, which only move apart. Programs that map
 * files (git maps thousands) unmap what was never ours: that costs two comparisons. */
static void widen(uintptr_t start, uintptr_t end)
{
    raise_to(&memory->lowest_inverted, ~start);
    raise_to(&memory->highest, end);
}

bool regions_may_know(uintptr_t start, uint64_t length)
{
    return memory && start < __atomic_load_n(&memory->highest, __ATOMIC_ACQUIRE) &&
           start + length > ~__atomic_load_n(&memory->lowest_inverted, __ATOMIC_ACQUIRE);
}

void regions_map(uintptr_t start, uint64_t length, uint32_t site, int writable)
{
    struct region_event event = {.start = start,
                                 .end = end_of(start, length),
                                 .site = site,
                                 .kind = EVENT_MAP,
                                 .writable = writable != 0};
    if (!memory)
        return;
    widen(start, event.end);
    post(&event);
}

void regions_unmap(uintptr_t start, uint64_t length)
{
    struct region_event event = {.start = start, .end = end_of(start, length), .kind = EVENT_UNMAP};
    if (regions_may_know(start, length))
        post(&event);
}

void regions_protect(uintptr_t start, uint64_t length, uint32_t site, int writable)
{
    struct region_event event = {.start = start,
                                 .end = end_of(start, length),
                                 .site = site,
                                 .kind = EVENT_PROTECT,
                                 .writable = writable != 0};
    if (regions_may_know(start, length))
        post(&event);
}

uintptr_t regions_lift(uintptr_t old, uint64_t old_length)
{
    if (!memory)
        return old;
    uint32_t ticket = __atomic_fetch_add(&memory->lifted, 1, __ATOMIC_RELAXED) % TICKETS + 1;
    uintptr_t lifted = old + ((uintptr_t)ticket << TICKET_SHIFT);
    struct region_event event = {
        .start = old, .end = end_of(old, old_length), .to = lifted, .kind = EVENT_LIFT};
    post(&event);
    return lifted;
}

void regions_land(uintptr_t lifted, uint64_t old_length, uintptr_t new_start, uint64_t new_length,
                  uint32_t site, int keep_old)
{
    struct region_event event = {.start = lifted,
                                 .end = end_of(lifted, old_length),
                                 .to = new_start,
                                 .to_end = end_of(new_start, new_length),
                                 .site = site,
                                 .kind = EVENT_LAND,
                                 .keep_old = keep_old != 0};
    if (!memory || event.to >= event.to_end)
        return;
    widen(new_start, event.to_end);
    post(&event);
}

void regions_settle(void)
{
    uint64_t before;
    if (!memory || !sys_signals_off(&before))
        return;
    settle();
    sys_signals_back(&before);
}

/* Kernels before 4.14 wipe nothing; where they do, the queue must not be touched only to be zeroed
 * once more. A map whose owner was inside it at the fork may be half changed: it is abandoned (wiped,
 * so it costs address space only), not reused. */
void regions_forked(void)
{
    if (!memory)
        return;
    if (memory->ours)
        memset(memory, 0, offsetof(struct regions_memory, parts));
    memory->ours = 1;
    if (lock)
        map = (struct region_map){0};
    map.count = map.gap = 0;
    lock = 0;
}

/* ---- under the lock: blocks and charges ---- */

static inline struct region *at(uint32_t index)
{
    return region_map_at(&map, index);
}

static uint32_t block_new(void)
{
    uint32_t block = memory->free_block;
    if (block)
        memory->free_block = memory->parts[block];
    else
        block = ++memory->blocks;
    memory->parts[block] = 0;
    return block;
}

/* One region less. True when it was the last. */
static bool block_shrink(uint32_t block)
{
    if (--memory->parts[block] > 0)
        return false;
    memory->parts[block] = memory->free_block;
    memory->free_block = block;
    return true;
}

static void credit(struct region *r)
{
    if (!r->block)
        return;
    int64_t bytes = (int64_t)(r->end - r->start);
    charge(r->site, -bytes, block_shrink(r->block) ? -1 : 0);
    r->block = 0;
}

/* True when both are parts of one mapping, side by side; low's index is one below high's. */
static bool touch(const struct region *low, const struct region *high)
{
    return low->end == high->start && low->mapping == high->mapping;
}

/* The block of the neighbour of the same site that region index is to join, or 0. */
static uint32_t block_beside(uint32_t index, uint32_t site)
{
    const struct region *r = at(index), *low = index > 0 ? at(index - 1) : NULL;
    const struct region *high = index + 1 < map.count ? at(index + 1) : NULL;
    if (low && low->block && low->site == site && touch(low, r))
        return low->block;
    if (high && high->block && high->site == site && touch(r, high))
        return high->block;
    return 0;
}

static void charge_to(uint32_t index, uint32_t site)
{
    struct region *r = at(index);
    uint32_t joined = block_beside(index, site);
    if (r->block)
        return;
    r->block = joined ? joined : block_new();
    r->site = site;
    memory->parts[r->block]++;
    charge(site, (int64_t)(r->end - r->start), joined ? 0 : 1);
}

/* ---- under the lock: ranges ---- */

/* No region reaches across address any more. Returns the index of the first at or above it. With no
 * room for another region what lies above in the one that is cut is forgotten: too little is charged
 * then, never too much, for memory that seems to stay would look like a leak. */
static uint32_t cut(uintptr_t address)
{
    uint32_t index = region_map_find(&map, address);
    if (index == map.count || at(index)->start >= address)
        return index;
    struct region upper = *at(index);
    upper.start = address;
    if (upper.block)
        memory->parts[upper.block]++;
    if (!region_map_insert(&map, index + 1, &upper)) {
        credit(&upper);
        loss(LOSS_MMAP_FULL);
    }
    at(index)->end = address;
    return index + 1;
}

/* Melts what touches and has the same block, in the regions first .. last and with the next ones. */
static void melt(uint32_t first, uint32_t last)
{
    if (last >= map.count)
        last = map.count - 1; /* count 0: the loop below has nothing */
    for (uint32_t i = last; map.count > 0 && i > 0 && i + 1 > first; i--) {
        struct region *low = at(i - 1), *high = at(i);
        if (!touch(low, high) || low->block != high->block)
            continue;
        low->end = high->end;
        if (high->block)
            memory->parts[high->block]--;
        region_map_remove(&map, i, 1);
    }
}

static void forget(uintptr_t start, uintptr_t end)
{
    uint32_t first = cut(start), last = cut(end);
    for (uint32_t i = first; i < last; i++)
        credit(at(i));
    if (last > first)
        region_map_remove(&map, first, last - first);
}

/* A new region where nothing is. */
static void add(uintptr_t start, uintptr_t end, uint32_t mapping, uint32_t site, bool writable)
{
    struct region r = {.start = start, .end = end, .mapping = mapping};
    uint32_t index = region_map_find(&map, start);
    if (!region_map_insert(&map, index, &r))
        loss(LOSS_MMAP_FULL);
    else if (writable)
        charge_to(index, site);
}

static void protect(const struct region_event *event)
{
    uint32_t first = cut(event->start), last = cut(event->end);
    for (uint32_t i = first; i < last; i++)
        if (event->writable)
            charge_to(i, event->site);
        else
            credit(at(i));
    melt(first, last);
}

/* Everything in [start, end) goes to `to`, where nothing is. Never both in one range. */
static void shift(uintptr_t start, uintptr_t end, uintptr_t to)
{
    cut(start);
    cut(end);
    for (uint32_t i; (i = region_map_find(&map, start)) < map.count && at(i)->start < end;) {
        struct region r = *at(i);
        region_map_remove(&map, i, 1);
        r.end += to - start;
        r.start += to - start;
        region_map_insert(&map, region_map_find(&map, r.start), &r); /* there is room: one has gone */
    }
}

/* The kernel lets the last part of what is moved grow: it is of the same mapping, charged or not. */
static void grow(uintptr_t start, uintptr_t end, uint32_t site)
{
    uint32_t before = region_map_find(&map, start - 1);
    if (start < end && before < map.count && at(before)->end == start)
        add(start, end, at(before)->mapping, site, at(before)->block != 0);
}

static void duplicate(uintptr_t start, uintptr_t end, uintptr_t to, uint32_t site)
{
    uint32_t mapping = ++memory->mappings;
    for (uint32_t i; (i = region_map_find(&map, start)) < map.count && at(i)->start < end;) {
        const struct region *r = at(i);
        uintptr_t stop = r->end;
        add(to + (r->start - start), to + (stop - start), mapping, site, r->block != 0);
        to += stop - start;
        start = stop;
    }
}

static void land(const struct region_event *event)
{
    uintptr_t start = event->start, end = event->end, to = event->to;
    uintptr_t old = start & ((UINT64_C(1) << TICKET_SHIFT) - 1);
    uint64_t kept = end - start < event->to_end - to ? end - start : event->to_end - to;

    forget(to, event->to_end);
    if (event->keep_old) {
        duplicate(start, end, to, event->site);
        shift(start, end, old);
        melt(region_map_find(&map, old), region_map_find(&map, old + (end - start)));
    } else {
        forget(start + kept, end);
        shift(start, start + kept, to);
        grow(to + kept, event->to_end, event->site);
    }
    melt(region_map_find(&map, to), region_map_find(&map, event->to_end));
}

static void apply(const struct region_event *event)
{
    switch ((enum region_event_kind)event->kind) {
    case EVENT_MAP:
        forget(event->start, event->end);
        add(event->start, event->end, ++memory->mappings, event->site, event->writable);
        break;
    case EVENT_UNMAP:
        forget(event->start, event->end);
        break;
    case EVENT_PROTECT:
        protect(event);
        break;
    case EVENT_LIFT:
        shift(event->start, event->end, event->to);
        break;
    case EVENT_LAND:
        land(event);
        break;
    }
}

static void drain(void *budget)
{
    unsigned *left = budget;
    const struct region_event *event;
    for (; *left > 0 && (event = region_queue_first(&memory->queue)); (*left)--) {
        apply(event);
        region_queue_drop(&memory->queue);
    }
}
