/* Chunks: the size of glibc's blocks, read where glibc keeps it instead of asked for.
 *
 * Two calls of malloc_usable_size are a quarter of what recording a malloc and a free costs. glibc has kept
 * a block's size in the word before it since 1996 (dlmalloc; malloc.c, struct malloc_chunk), but that is its
 * own affair: so the word is believed only if it is glibc's malloc that is next, and only after it has said
 * the same as malloc_usable_size for the first CHUNKS_TRIED blocks. One that differs, and it is never read.
 * Blocks from mmap are always asked for.
 */
#ifndef LEAKWATCH_PRELOAD_CHUNKS_H
#define LEAKWATCH_PRELOAD_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>

#include "hints.h"

#define CHUNKS_TRIED 200
#define CHUNK_MAPPED 2u /* flags in the low bits of the word */
#define CHUNK_FLAGS  7u
#define CHUNK_HEADER 8u /* of a chunk that is in use */

extern HIDDEN bool chunks_known;

/* What a block takes, or 0: ask. Only where chunks_known. */
static inline uint64_t chunk_bytes(const void *p)
{
    uint64_t word = ((const uint64_t *)p)[-1];
    return likely(!(word & CHUNK_MAPPED)) ? (word & ~(uint64_t)CHUNK_FLAGS) - CHUNK_HEADER : 0;
}

/* A block, and what malloc_usable_size has said of it. Any thread. */
void chunks_try(const void *p, uint64_t bytes);

#endif
