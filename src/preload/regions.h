/* Regions: which private anonymous memory did the program map, and at which site? (pointer ranges,
 * as the live table is for blocks).
 *
 * An ordered map of disjoint ranges. Mappings are rare, so it has one lock; but no caller ever waits:
 * events go through a bounded lock-free queue, and whoever gets the lock applies them in order (all
 * signals off meanwhile). A forget is queued before the kernel unmaps and a remember after it mapped,
 * so the queue's order is the truth. A full queue is a counted loss.
 * Charges go to the accounts through `charge`, given at start: this file knows no site, only numbers.
 */
#ifndef LEAKWATCH_PRELOAD_REGIONS_H
#define LEAKWATCH_PRELOAD_REGIONS_H

#include <stdint.h>

/* bytes > 0: one region allocated at site; < 0: freed. blocks: +1, 0 or -1. */
typedef void regions_charge(uint32_t site, int64_t bytes, int blocks);

void regions_init(regions_charge *charge);

/* [start, start+length) is now private anonymous memory of site; charged only if writable, otherwise
 * kept as a reservation that may become writable later. */
void regions_map(uintptr_t start, uint64_t length, uint32_t site, int writable);
/* What lies in the range is gone (munmap, MAP_FIXED over it). */
void regions_unmap(uintptr_t start, uint64_t length);
/* mprotect: known parts become writable (charged to site) or not (credited to whom they were charged). */
void regions_protect(uintptr_t start, uint64_t length, uint32_t site, int writable);
/* mremap from old to new: the range at old (length old_length) moves; growth is charged to site. */
void regions_move(uintptr_t old, uint64_t old_length, uintptr_t new_start, uint64_t new_length, uint32_t site,
                  int keep_old);

/* Applies what is queued if nobody is at it. */
void regions_settle(void);
/* In a forked child: nothing is known. */
void regions_forked(void);

#endif
