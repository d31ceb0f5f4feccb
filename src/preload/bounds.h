/* Bounds: how far up may a stack be read?
 *
 * A walk reads at and above the stack pointer only, so what counts is how far memory is readable from
 * there on. Three kinds of stack:
 *   main thread   up to __libc_stack_end, when all pages between are readable: each is asked for once
 *   pthread       glibc puts the thread's own structure at the top of its stack: up to the thread
 *                 pointer, when all pages between are readable. Kept by thread pointer, because glibc
 *                 hands the same stacks to later threads
 *   others        coroutines, sigaltstack: what is readable around, kept by address
 * The kernel is asked page by page. /proc/self/maps would say it at once, but a descriptor, were it open
 * for microseconds only, can be seen: another thread's open gets another number than it must, a fork keeps
 * it, and after another thread's closefrom our close would hit a file of the program's. pthread_getattr_np
 * would answer too, but it allocates and takes locks: a deadlock inside malloc.
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

/* This memory loses its access (munmap, mremap, mprotect without PROT_READ, MAP_FIXED): a stack that was
 * known there is forgotten. Called before that, for those who read there, and after it, for those who were
 * just looking. Cheap, any thread. */
void bounds_forget(uintptr_t start, size_t bytes);

/* In a forked child: a look that another thread was at never ends. */
void bounds_forked(void);

#endif
