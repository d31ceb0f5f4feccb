/* Byte sampling: which allocations are recorded, and what each stands for.
 *
 * Every byte is a point of interest with probability 1/rate, independently (a Poisson process, as in
 * tcmalloc's and Go's heap profilers); a block is recorded if it holds one: with probability
 * p = 1 - exp(-size / rate). It then stands for 1/p blocks and bytes/p bytes, so expectations are exact.
 * The weight depends on the requested size and the address alone, and is the same again when the block
 * is freed. Counts are whole numbers: the fraction is rounded up with that probability, decided by the
 * address.
 */
#ifndef LEAKWATCH_PRELOAD_POISSON_H
#define LEAKWATCH_PRELOAD_POISSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "account.h"

/* Sampling, over an allocator whose own calls never meet our hooks (glibc): what is not sampled is passed on
 * without a guard, at the price of a subtraction; what was not recorded, for a look at live_may_know. */
extern HIDDEN bool poisson_lightly;

/* Not the next to be sampled: then that is all there is to do. A thread's first allocations never pass: its
 * countdown is 0. */
static inline bool poisson_passes(size_t size)
{
    struct thread *t = self;
    int64_t left = t->until_sample - (int64_t)(size + !size);
    if (left <= 0 || (int64_t)size < 0)
        return false;
    t->until_sample = left;
    return true;
}

/* Moves the thread's countdown of bytes by a block of this size; true: it is to be recorded. */
bool poisson_takes(struct thread *t, uint64_t size);

/* What a recorded block stands for: one block of a.bytes and a.requested bytes, weighted. */
struct amount poisson_weigh(struct amount a, const void *p);

#endif
