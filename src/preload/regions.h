/* Regions: which private anonymous memory did the program map, and at which site? (pointer ranges,
 * as the live table is for blocks).
 *
 * An ordered map of disjoint ranges. Mappings are rare, so it has one lock; but no caller ever waits:
 * events go through a bounded lock-free queue, and whoever gets the lock applies them in order (all
 * signals off meanwhile). A forget is queued before the kernel unmaps and a remember after it mapped,
 * so the queue's order is the truth. A full queue is a counted loss.
 * Charges go to the accounts through `charge`, given at start: this file knows no site, only numbers.
 *
 * What a block is: what one call charged in one piece, together with what later calls of the same site
 * charge right beside it in the same mapping (a reservation that is opened bit by bit is one block).
 * Splitting a block by unmapping or protecting a part of it makes no new one: it is one block still,
 * and freed when its last charged byte is gone. Bytes are exact.
 *
 *     mmap 64k PROT_NONE at site 5      [................]               nothing charged
 *     mprotect first 16k RW at site 7   [7777............]               site 7: +16k, +1 block
 *     mprotect next 8k RW at site 7     [777777..........]               site 7:  +8k
 *     munmap 4k in the middle           [77 777..........]               site 7:  -4k
 *     munmap all                                                         site 7: -20k, -1 block
 *
 * What counts is what a program may write to, not what is resident: memory that was given back with madvise
 * stays charged until it is unmapped or protected. Taking it off would be worse: whoever purges pages writes
 * to them again without a call, and a pool that grows would seem to shrink. The report tells what was "never
 * touched".
 *
 * Addresses and lengths are the program's, as given to the kernel: lengths are rounded up to pages,
 * and what the kernel would refuse (a start that is not page aligned, no length) is ignored here too.
 * Every function may be called from any thread and from signal handlers, uses less than 256 bytes of
 * the caller's stack, and does nothing before regions_init.
 */
#ifndef LEAKWATCH_PRELOAD_REGIONS_H
#define LEAKWATCH_PRELOAD_REGIONS_H

#include <stdbool.h>
#include <stdint.h>

/* bytes > 0: charged to site; < 0: freed. blocks: how many of its blocks that began (1 or 0) or ended
 * (-1 or 0). Called by whichever thread applies the queue: under the lock, all signals off, on a small
 * stack of ours (16 KiB). */
typedef void regions_charge(uint32_t site, int64_t bytes, int blocks);

void regions_init(regions_charge *charge);

/* [start, start+length) is now private anonymous memory of site; charged only if writable, otherwise
 * kept as a reservation that may become writable later. After mmap. */
void regions_map(uintptr_t start, uint64_t length, uint32_t site, int writable);
/* Could anything in the range be known? A quick look, never wrong when it says no: before the caller takes
 * the trouble to walk its stack. */
bool regions_may_know(uintptr_t start, uint64_t length);
/* What lies in the range is gone. Before munmap; before mmap with MAP_FIXED. */
void regions_unmap(uintptr_t start, uint64_t length);
/* Known parts of the range became writable (charged to site) or not (credited to whom they were
 * charged). After mprotect. */
void regions_protect(uintptr_t start, uint64_t length, uint32_t site, int writable);

/* mremap, in two steps, because it both frees and maps: before it, what lies in the old range is
 * lifted out of the map, so that another thread's mapping may take its place; after it, it lands,
 * still charged to whom it was charged. What it grew by is charged to site. keep_old:
 * MREMAP_DONTUNMAP (the old range stays and the new one is charged to site). When mremap failed:
 * regions_land(lifted, old_length, old, old_length, 0, 0). */
uintptr_t regions_lift(uintptr_t old, uint64_t old_length);
void regions_land(uintptr_t lifted, uint64_t old_length, uintptr_t new_start, uint64_t new_length,
                  uint32_t site, int keep_old);

/* Applies what is queued if nobody is at it. */
void regions_settle(void);
/* In a forked child, before any other call there: nothing is known. */
void regions_forked(void);

#endif
