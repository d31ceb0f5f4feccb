/* See place.h. */
#include "place.h"

#include <stdint.h>

#define PAGE  ((uintptr_t)4096)
#define FIRST ((uintptr_t)0x500000000000) /* the program is from 0x555555554000, or from 0x400000 */
#define RANGE ((uintptr_t)1 << 38)        /* of random places; there is room for four terabytes after it */

static uintptr_t next; /* 0: not chosen */

void place_choose(void)
{
    next = FIRST + ((uintptr_t)&next & (RANGE - PAGE));
}

void *place_for(size_t bytes)
{
    uintptr_t pages = (bytes + PAGE - 1) & ~(PAGE - 1);
    return next ? (void *)__atomic_fetch_add(&next, pages, __ATOMIC_RELAXED) : NULL;
}
