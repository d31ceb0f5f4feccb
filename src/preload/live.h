/* Live table: which site owns the block at this address? A shadow of the address space.
 *
 * Four bytes for every sixteen of heap: site number (24 bits) and a birth code (8 bits, never 0), so
 * an empty slot is 0. A pointer's slot belongs to whoever owns the block: before malloc returned it
 * nobody else knows the address, and after free was called nobody may use it. So there is no lock and
 * no atomic read-modify-write, from any thread or signal handler.
 *
 *     address 0x5555_5575_92a0          even (bit 3 clear)
 *     top[a >> 34] -> mid[(a >> 22) & 4095] -> leaf[(a >> 4) & 262143] = site | birth << 24
 *
 * jemalloc and tcmalloc hand out 8-byte blocks, two to a slot: addresses with bit 3 set live in a
 * second shadow, whose leaves exist only where such a block was seen. Where sizes must be remembered
 * (allocators without usable sizes) a parallel pair of shadows keeps requested sizes; sampled blocks are in
 * a small table instead (sparse.h).
 * Leaves cover 4 MiB of heap, are private memory, mapped on first use, and forgotten by fork.
 */
#ifndef LEAKWATCH_PRELOAD_LIVE_H
#define LEAKWATCH_PRELOAD_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hints.h"

#define LIVE_SITE_BITS 24
#define LIVE_SITE_MASK ((1u << LIVE_SITE_BITS) - 1)
/* Instead of a birth code: this block's size is kept aside (live_put_sized), its allocator could not tell
 * it. tcmalloc cannot before its own constructor has run. */
#define LIVE_BIRTH_ASIDE 255u

#define SHADOW_TOP  (1u << 13) /* 47 bits of user addresses */
#define SHADOW_MID  (1u << 12)
#define SHADOW_LEAF (1u << 18)

struct shadow {
    uint32_t **top[SHADOW_TOP]; /* top -> mid -> leaf; entries appear once (release) and stay */
};
extern HIDDEN struct shadow live_shadow[2]; /* by bit 3 of the address */

/* The slot of an address, or NULL when none exists yet (then nothing is live there). */
static inline uint32_t *shadow_find(const struct shadow *s, uintptr_t address)
{
    uintptr_t top = address >> 34;
    if (unlikely(top >= SHADOW_TOP))
        return NULL;
    uint32_t **mid = __atomic_load_n(&s->top[top], __ATOMIC_ACQUIRE);
    if (unlikely(!mid))
        return NULL;
    uint32_t *leaf = __atomic_load_n(&mid[(address >> 22) & (SHADOW_MID - 1)], __ATOMIC_ACQUIRE);
    if (unlikely(!leaf))
        return NULL;
    return &leaf[(address >> 4) & (SHADOW_LEAF - 1)];
}

/* The same, mapping what is missing; NULL (a counted loss) without memory or beyond 47 bits. */
uint32_t *shadow_make(struct shadow *s, uintptr_t address);

/* The slot of a block that is aligned to 16 bytes, or NULL: none exists yet, or it is not. Nothing but bits
 * above the 47 of user space and the lowest four are wrong with an address. */
static inline uint32_t *live_slot_aligned(const void *p)
{
    uintptr_t address = (uintptr_t)p, turned = address >> 4 | address << 60;
    if (unlikely(turned >> 43))
        return NULL;
    uint32_t **mid = __atomic_load_n(&live_shadow[0].top[turned >> 30], __ATOMIC_ACQUIRE);
    if (unlikely(!mid))
        return NULL;
    uint32_t *leaf = __atomic_load_n(&mid[(turned >> 18) & (SHADOW_MID - 1)], __ATOMIC_ACQUIRE);
    return likely(leaf) ? &leaf[turned & (SHADOW_LEAF - 1)] : NULL;
}

/* The slot of a block, or NULL when none exists yet. */
static inline uint32_t *live_slot(const void *p)
{
    return shadow_find(&live_shadow[((uintptr_t)p >> 3) & 1], (uintptr_t)p);
}

/* Enters a block: site | birth << 24. Returns the previous occupant, 0 as a rule. */
static inline uint32_t live_put(const void *p, uint32_t entry)
{
    uintptr_t address = (uintptr_t)p;
    struct shadow *s = &live_shadow[(address >> 3) & 1];
    uint32_t *slot = shadow_find(s, address);
    if (unlikely(!slot) && !(slot = shadow_make(s, address)))
        return 0;
    uint32_t before = __atomic_load_n(slot, __ATOMIC_RELAXED);
    __atomic_store_n(slot, entry, __ATOMIC_RELAXED);
    return before;
}

/* Takes a block out: its entry, or 0 if it was never seen. */
static inline uint32_t live_take(const void *p)
{
    uint32_t *slot = live_slot(p);
    if (unlikely(!slot))
        return 0;
    uint32_t entry = __atomic_load_n(slot, __ATOMIC_RELAXED);
    if (entry)
        __atomic_store_n(slot, 0, __ATOMIC_RELAXED);
    return entry;
}

/* For sampling: how many recorded blocks begin in a page, pages that are 256 MiB apart counted together; NULL
 * until live_init. Nearly all pages have none, and a free there is over. */
#define LIVE_PAGES (1u << 16)
extern HIDDEN uint16_t *live_pages;

static inline uint16_t *live_page(const void *p)
{
    return &live_pages[(uintptr_t)p >> 12 & (LIVE_PAGES - 1)];
}

/* Could this be a recorded block? A block's entry was counted before anybody knew its address. */
static inline bool live_may_know(const void *p)
{
    return __atomic_load_n(live_page(p), __ATOMIC_RELAXED) != 0;
}

/* Maps the pages' counts, before the first block is put; live_pages stays NULL without memory for them. */
void live_count_pages(void);

/* Blocks whose requested size is kept beside the entry, of any size: where few are recorded in a table of
 * their own (sparse.h), else in the shadows. They also move the page's count. Both return the entry that was
 * there, or 0. */
uint32_t live_put_sized(const void *p, uint32_t entry, uint64_t size);
uint32_t live_take_sized(const void *p, uint64_t *size);

/* Of a block whose entry was just taken from the shadow: its size. */
uint64_t live_take_size(const void *p);

#endif
