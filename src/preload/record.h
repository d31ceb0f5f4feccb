/* Record: the whole story of one event. Only this file knows capture, sites, accounts and live table.
 *
 *     malloc              record_alloc(p, size, who)     capture -> site_of -> account_alloc, live_put
 *     free, before it     record_free(p)                 live_take -> account_free
 *     realloc             record_forget, the call, then record_alloc or record_put_back
 *
 * Callers hold the guard. None of these allocates, locks, or changes errno.
 */
#ifndef LEAKWATCH_PRELOAD_RECORD_H
#define LEAKWATCH_PRELOAD_RECORD_H

#include <stddef.h>
#include <stdint.h>

/* frame, here and below: the hook's own __builtin_frame_address(0), from which its caller is read. */

/* A block was allocated: p is not NULL. Returns p, so that the hook need not keep it. */
void *record_alloc(void *p, size_t size, const void *frame);

/* The same for a block whose size its allocator cannot tell: what was asked for is what counts. */
void record_alloc_foreign(void *p, size_t size, const void *frame);

/* A block is about to be freed. */
void record_free(void *p);

/* The same from inside a signal handler that interrupted a hook of its own thread: credited to the
 * shared account, because the thread's own counters may be half written. */
void record_free_nested(void *p);

/* What was known of a block that is about to be reallocated. */
struct remembered {
    void *block;
    uint32_t entry; /* of the live table, 0 = never seen */
    uint64_t bytes, requested;
};
struct remembered record_forget(void *p);
/* The reallocation took place: the old block is gone. */
void record_forgotten(struct remembered was);
/* The first two for a nested hook. */
struct remembered record_forget_nested(void *p);
void record_forgotten_nested(struct remembered was);
/* It failed: the old block is as it was. */
void record_put_back(struct remembered was);

/* mmap and its kin; length in bytes. */
void record_map(void *start, size_t length, int writable, const void *frame);
void record_unmap(void *start, size_t length);
void record_unmap_nested(void *start, size_t length);
void record_protect(void *start, size_t length, int writable, const void *frame);
/* mremap: lifted before it, then landed where it went, or dropped back where it was when it failed.
 * keep_old: MREMAP_DONTUNMAP. */
uintptr_t record_lift(void *old, size_t old_length);
void record_land(uintptr_t lifted, size_t old_length, void *start, size_t length, int keep_old,
                 const void *frame);
void record_drop(uintptr_t lifted, void *old, size_t old_length);
/* What a region adds to or takes from its site (the callback of regions.h). */
void record_charge(uint32_t site, int64_t bytes, int blocks);

#endif
