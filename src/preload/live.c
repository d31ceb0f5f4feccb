/* The rare half of live.h: mapping leaves, and sizes. */
#include "live.h"

#include "book.h"
#include "memory.h"
#include "sparse.h"

struct shadow live_shadow[2];
static struct shadow size_shadow[2];

/* Publishes fresh memory in *place unless another thread was faster; the loser's goes back. */
static void *grow(void *place, size_t bytes, bool forgets)
{
    void **where = place;
    void *mine = memory_map(bytes, forgets);
    void *expected = NULL;
    if (!mine)
        return NULL;
    if (__atomic_compare_exchange_n(where, &expected, mine, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return mine;
    SYS2(SYS_munmap, mine, bytes);
    return expected;
}

COLD uint32_t *shadow_make(struct shadow *s, uintptr_t address)
{
    uintptr_t top = address >> 34;
    if (top >= SHADOW_TOP) {
        loss(LOSS_LIVE_RANGE);
        return NULL;
    }
    /* Only leaves forget on fork: an inherited path to a wiped leaf is as good as none. */
    uint32_t **mid = __atomic_load_n(&s->top[top], __ATOMIC_ACQUIRE);
    if (!mid)
        mid = grow(&s->top[top], SHADOW_MID * sizeof *mid, false);
    uint32_t *leaf = NULL;
    if (mid) {
        uint32_t **place = &mid[(address >> 22) & (SHADOW_MID - 1)];
        leaf = __atomic_load_n(place, __ATOMIC_ACQUIRE);
        if (!leaf)
            leaf = grow(place, SHADOW_LEAF * sizeof *leaf, true);
    }
    if (!leaf) {
        loss(LOSS_LIVE_MEMORY);
        return NULL;
    }
    return &leaf[(address >> 4) & (SHADOW_LEAF - 1)];
}

/* Sizes that do not fit 32 bits: the slot says so and the next two slots, which lie inside the block,
 * hold the size. (The next slot may belong to another leaf, never to another block.) */
#define SIZE_LARGE UINT32_MAX

static void put_part(uintptr_t address, uint32_t part)
{
    struct shadow *s = &size_shadow[(address >> 3) & 1];
    uint32_t *slot = shadow_find(s, address);
    if (!slot && !(slot = shadow_make(s, address)))
        return;
    __atomic_store_n(slot, part, __ATOMIC_RELAXED);
}

static uint32_t take_part(uintptr_t address)
{
    uint32_t *slot = shadow_find(&size_shadow[(address >> 3) & 1], address);
    return slot ? __atomic_exchange_n(slot, 0, __ATOMIC_RELAXED) : 0;
}

uint16_t *live_pages;

void live_count_pages(void)
{
    live_pages = memory_map(LIVE_PAGES * sizeof *live_pages, false);
}

static void count_page(const void *p, int change)
{
    if (live_pages)
        __atomic_fetch_add(live_page(p), (uint16_t)change, __ATOMIC_RELAXED);
}

static void put_size(uintptr_t address, uint64_t size)
{
    if (likely(size < SIZE_LARGE)) {
        put_part(address, (uint32_t)size);
        return;
    }
    put_part(address, SIZE_LARGE);
    put_part(address + 16, (uint32_t)size);
    put_part(address + 32, (uint32_t)(size >> 32));
}

uint64_t live_take_size(const void *p)
{
    uintptr_t address = (uintptr_t)p;
    uint32_t small = take_part(address);
    if (likely(small != SIZE_LARGE))
        return small;
    uint64_t low = take_part(address + 16);
    return low | (uint64_t)take_part(address + 32) << 32;
}

uint32_t live_put_sized(const void *p, uint32_t entry, uint64_t size)
{
    uint64_t forgotten;
    uint32_t before = live_take_sized(p, &forgotten);
    if (!sparse_put(p, entry, size)) {
        live_put(p, entry);
        put_size((uintptr_t)p, size);
    }
    count_page(p, 1);
    return before;
}

uint32_t live_take_sized(const void *p, uint64_t *size)
{
    if (live_pages && !live_may_know(p))
        return 0;
    uint32_t entry = sparse_take(p, size);
    if (!entry && (entry = live_take(p)))
        *size = live_take_size(p);
    if (entry)
        count_page(p, -1);
    return entry;
}
