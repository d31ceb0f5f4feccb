/* See sparse.h. */
#include "sparse.h"

#include <stddef.h>

#include "hints.h"
#include "memory.h"

#define PLACES  32u
#define BUCKETS 2048u /* a power of two */

struct bucket {
    uintptr_t address[PLACES]; /* 0: free. The rest of a place is its owner's */
    uint64_t size[PLACES];
    uint32_t entry[PLACES];
};

static struct bucket *buckets;

void sparse_start(void)
{
    buckets = memory_map(BUCKETS * sizeof *buckets, true);
}

/* Two that have little to do with each other: of the two halves of a product (Knuth's multiplicative
 * hashing). */
static struct bucket *bucket_of(uintptr_t address, unsigned which)
{
    uint64_t mixed = (address >> 3) * UINT64_C(0x9e3779b97f4a7c15);
    return &buckets[(which ? mixed >> 53 : mixed >> 42) % BUCKETS];
}

static bool take_place(uintptr_t *place, uintptr_t address)
{
    uintptr_t none = 0;
    return !__atomic_load_n(place, __ATOMIC_RELAXED) &&
           __atomic_compare_exchange_n(place, &none, address, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* The place of this address; PLACES: it is not in this bucket. */
static uint32_t place_of(const struct bucket *b, uintptr_t address)
{
    uint32_t i = 0;
    while (i < PLACES && __atomic_load_n(&b->address[i], __ATOMIC_RELAXED) != address)
        i++;
    return i;
}

static uint32_t make_place(struct bucket *b, uintptr_t address)
{
    uint32_t i = 0;
    while (i < PLACES && !take_place(&b->address[i], address))
        i++;
    return i;
}

bool sparse_put(const void *p, uint32_t entry, uint64_t size)
{
    uintptr_t address = (uintptr_t)p;
    for (unsigned which = 0; buckets && which < 2; which++) {
        struct bucket *b = bucket_of(address, which);
        uint32_t i = make_place(b, address);
        if (i == PLACES)
            continue;
        b->size[i] = size;
        b->entry[i] = entry;
        return true;
    }
    return false;
}

uint32_t sparse_take(const void *p, uint64_t *size)
{
    uintptr_t address = (uintptr_t)p;
    for (unsigned which = 0; buckets && which < 2; which++) {
        struct bucket *b = bucket_of(address, which);
        uint32_t i = place_of(b, address);
        if (i == PLACES)
            continue;
        uint32_t entry = b->entry[i];
        *size = b->size[i];
        __atomic_store_n(&b->address[i], 0, __ATOMIC_RELEASE);
        return entry;
    }
    return 0;
}
