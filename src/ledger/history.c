/* A site's history: see history.h for what it promises.
 *
 * Windows lie end to end from start_ms: open_ms = start_ms + count * width_ms. A window covers
 * (start, end]: a sample at its very end belongs to it and closes it. The live bytes a window begins
 * with count as its first sample, so an idle window is flat and the open one is never empty.
 *
 * 32 closed windows and a full open one, 33 widths of life, no longer fit. Halving until the life fits
 * BEFORE idle windows are appended makes a catch-up of days cost one pass (0.1 us), and the same
 * windows come out as if every window had been fed (test_history compares both ways).
 *
 * A copy from a hostile ledger may hold anything: no loop or index here trusts a field.
 */
#include "history.h"

#include <stddef.h>
#include <string.h>

static void make_room(struct history *h);
static void halve(struct history *h);
static uint32_t close_idle(struct history *h);
static uint32_t close_full(struct history *h);
static void close_open(struct history *h);
static void take(struct window *w, float low, float high);
static float bytes_of(double bytes);

void history_init(struct history *h, uint32_t site, uint64_t start_ms, uint64_t first_width_ms,
                  double floor_bytes)
{
    float floor = bytes_of(floor_bytes);
    memset(h, 0, sizeof *h); /* a compound literal would first be built on the guest's stack */
    h->site = site;
    h->start_ms = h->open_ms = h->last_ms = start_ms;
    h->width_ms = first_width_ms ? first_width_ms : 1;
    h->last_live = floor;
    h->open = (struct window){floor, floor, 0};
}

uint32_t history_add(struct history *h, uint64_t now_ms, double live, double low, double high,
                     double allocated)
{
    if (now_ms > h->last_ms)
        h->last_ms = now_ms;
    make_room(h);
    uint32_t closed = close_idle(h);

    h->last_live = bytes_of(live);
    take(&h->open, bytes_of(low < live ? low : live), bytes_of(high > live ? high : live));
    if (allocated > h->allocated) { /* a smaller sum is one that was read while others wrote */
        h->open.allocated += bytes_of(allocated - h->allocated);
        h->allocated = allocated;
    }
    return closed + close_full(h);
}

static void make_room(struct history *h)
{
    uint64_t life_ms = h->last_ms > h->start_ms ? h->last_ms - h->start_ms : 0;
    if (h->count > HISTORY_WINDOWS)
        h->count = 0;
    if (h->width_ms == 0)
        h->width_ms = 1;
    while (life_ms / (HISTORY_WINDOWS + 1) >= h->width_ms)
        halve(h);
}

/* Neighbours merge; an odd last one has only the open window left to merge with. */
static void halve(struct history *h)
{
    uint32_t pairs = h->count / 2;
    for (uint32_t i = 0; i < pairs; i++) {
        h->closed[i] = h->closed[2 * i];
        take(&h->closed[i], h->closed[2 * i + 1].low, h->closed[2 * i + 1].high);
        h->closed[i].allocated += h->closed[2 * i + 1].allocated;
    }
    if (h->count % 2) {
        const struct window *odd = &h->closed[h->count - 1];
        take(&h->open, odd->low, odd->high);
        h->open.allocated += odd->allocated;
        h->open_ms -= h->width_ms;
    }
    h->count = pairs;
    h->width_ms *= 2;
}

/* Closes the windows that ended before this sample: nothing but the last live bytes is known of them. */
static uint32_t close_idle(struct history *h)
{
    uint32_t before = h->count;
    while (h->count < HISTORY_WINDOWS && h->last_ms > h->open_ms && h->last_ms - h->open_ms > h->width_ms)
        close_open(h);
    return h->count - before;
}

static uint32_t close_full(struct history *h)
{
    if (h->count == HISTORY_WINDOWS || h->last_ms - h->open_ms != h->width_ms)
        return 0;
    close_open(h);
    return 1;
}

static void close_open(struct history *h)
{
    h->closed[h->count++] = h->open;
    h->open_ms += h->width_ms;
    h->open = (struct window){h->last_live, h->last_live, 0};
}

static void take(struct window *w, float low, float high)
{
    w->low = low < w->low ? low : w->low;
    w->high = high > w->high ? high : w->high;
}

/* 24 bits are enough (1 KiB at 16 GiB). Never negative, infinite or NaN: readers divide by it. */
static float bytes_of(double bytes)
{
    if (!(bytes > 0))
        return 0;
    return bytes < 1e30 ? (float)bytes : 1e30f;
}

/* ---- between threads and processes ---- */

/* A live writer holds a sequence odd for tens of nanoseconds; a dead one for ever. */
#define TRIES 64
#define WORDS (sizeof(struct history) / sizeof(uint32_t))

_Static_assert(sizeof(struct history) % sizeof(uint32_t) == 0, "copied by words");
_Static_assert(offsetof(struct history, sequence) == 0, "the first word is not data");

typedef uint32_t __attribute__((may_alias)) word;

bool history_read(const struct history *h, struct history *copy)
{
    const word *from = (const word *)h;
    word *to = (word *)copy;
    for (int i = 0; i < TRIES; i++) {
        uint32_t before = __atomic_load_n(&h->sequence, __ATOMIC_ACQUIRE); /* pairs with history_leave */
        for (size_t w = 1; w < WORDS; w++)
            to[w] = __atomic_load_n(&from[w], __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_ACQUIRE); /* the words are read before the sequence is again */
        copy->sequence = before;
        if (before % 2 == 0 && __atomic_load_n(&h->sequence, __ATOMIC_RELAXED) == before)
            return true;
    }
    copy->sequence |= 1;
    return false;
}

bool history_enter(struct history *h, struct history *copy)
{
    uint32_t sequence = __atomic_load_n(&h->sequence, __ATOMIC_RELAXED);
    if (sequence % 2 || !__atomic_compare_exchange_n(&h->sequence, &sequence, sequence + 1, false,
                                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    copy->sequence = sequence + 1;
    memcpy((word *)copy + 1, (const word *)h + 1, sizeof *h - sizeof(word)); /* others still try the first */
    return true;
}

void history_leave(struct history *h, const struct history *copy)
{
    const word *from = (const word *)copy;
    word *to = (word *)h;
    uint32_t sequence = __atomic_load_n(&h->sequence, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE); /* odd is seen before what changes */
    for (size_t w = 1; w < WORDS; w++)
        __atomic_store_n(&to[w], from[w], __ATOMIC_RELAXED);
    __atomic_store_n(&h->sequence, sequence + 1, __ATOMIC_RELEASE);
}
