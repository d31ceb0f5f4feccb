/* See chunks.h. */
#include "chunks.h"

#include "next.h"

bool chunks_known;
static uint32_t tried; /* CHUNKS_TRIED: decided, one way or the other */

COLD void chunks_try(const void *p, uint64_t bytes)
{
    uint32_t so_far = __atomic_load_n(&tried, __ATOMIC_RELAXED);
    if (so_far >= CHUNKS_TRIED)
        return;
    if (so_far == 0 && !next_is_glibc()) {
        __atomic_store_n(&tried, CHUNKS_TRIED, __ATOMIC_RELAXED);
        return;
    }
    uint64_t read = chunk_bytes(p);
    if (read && read != bytes)
        __atomic_store_n(&tried, CHUNKS_TRIED, __ATOMIC_RELAXED);
    else if (read && __atomic_add_fetch(&tried, 1, __ATOMIC_RELAXED) == CHUNKS_TRIED)
        __atomic_store_n(&chunks_known, true, __ATOMIC_RELAXED);
}
