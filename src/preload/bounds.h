/* Bounds: how far up may a stack be read?
 *
 * A walk reads at and above the stack pointer only, so what counts is the upper end of the mapping
 * that the stack pointer lies in. Four kinds of stack:
 *   main thread   known from __libc_stack_end and RLIMIT_STACK: no system call but one at the start
 *   pthread       glibc puts the thread's own structure at the top of its stack: up to the thread
 *                 pointer. /proc/self/maps once confirms that both lie in one mapping; this is kept by
 *                 thread pointer, because glibc hands the same stacks to later threads
 *   others        coroutines, sigaltstack: the mapping, from /proc/self/maps, kept by address
 *   unknown       no /proc, a full descriptor table: nothing is read
 * pthread_getattr_np would answer too, but it allocates and takes locks: a deadlock inside malloc.
 */
#ifndef LEAKWATCH_PRELOAD_BOUNDS_H
#define LEAKWATCH_PRELOAD_BOUNDS_H

#include <stddef.h>
#include <stdint.h>

/* Every address of [lo, hi) is readable from a stack pointer in it up to hi. lo == hi: unknown. */
struct stack {
    uintptr_t lo, hi;
};

/* Of the stack that sp points into, for the calling thread. Never blocks, sets no errno. */
struct stack bounds_of(uintptr_t sp);

/* Moves when a known stack was forgotten: bounds kept from before are void. */
extern __attribute__((visibility("hidden"))) uint32_t bounds_generation;

/* This memory is about to be unmapped, or loses its access (munmap, mremap, mprotect without
 * PROT_READ, MAP_FIXED): a stack that was known there is forgotten. Cheap, any thread. */
void bounds_forget(uintptr_t start, size_t bytes);

/* In a forked child: a read of the maps that another thread was at never ends. */
void bounds_forked(void);

#endif
