/* A lock for slow paths: tried for some milliseconds at most, then its user goes on with less and counts a
 * loss. It is held for microseconds, unless its holder was preempted: so first a pause, then the processor
 * itself, then sleep, so that even a holder of lower priority gets on. Where somebody waited in vain nobody
 * sleeps again until the lock was to be had: a holder that was stopped, or died, costs the program no more
 * than that.
 *
 * Taken with all signals off, where it can be: a handler would wait for what it interrupted.
 */
#ifndef LEAKWATCH_PRELOAD_TRYLOCK_H
#define LEAKWATCH_PRELOAD_TRYLOCK_H

#include <linux/futex.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "sys.h"

#define TRYLOCK_SPINS  256
#define TRYLOCK_YIELDS 128
#define TRYLOCK_SLEEPS 64 /* of 0.1 ms */

struct trylock {
    uint64_t holder; /* whatever its user likes to know of it; 0: nobody */
    bool in_vain;
};

/* Sleeps unless it has changed hands. A futex, because whatever has threads may use these in any sandbox. */
static inline void trylock_sleep(struct trylock *l, uint64_t holder)
{
    static const struct timespec nap = {.tv_nsec = 100000};
    SYS4(SYS_futex, &l->holder, FUTEX_WAIT_PRIVATE, (uint32_t)holder, &nap);
}

/* me: not 0, nor its lower half. holder: who has it, where that is somebody else. */
static inline bool trylock_try(struct trylock *l, uint64_t me, uint64_t *holder)
{
    *holder = 0;
    return __atomic_compare_exchange_n(&l->holder, holder, me, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

static inline bool trylock_take(struct trylock *l, uint64_t me)
{
    uint64_t holder;
    const int sleepless = TRYLOCK_SPINS + TRYLOCK_YIELDS;
    int most = __atomic_load_n(&l->in_vain, __ATOMIC_RELAXED) ? sleepless : sleepless + TRYLOCK_SLEEPS;
    for (int tries = 0; tries < most; tries++) {
        if (trylock_try(l, me, &holder)) {
            __atomic_store_n(&l->in_vain, false, __ATOMIC_RELAXED);
            return true;
        }
        if (tries < TRYLOCK_SPINS)
            cpu_pause();
        else if (tries < sleepless)
            SYS0(SYS_sched_yield);
        else
            trylock_sleep(l, holder);
    }
    __atomic_store_n(&l->in_vain, true, __ATOMIC_RELAXED);
    return false;
}

/* Pairs with trylock_take. */
static inline void trylock_leave(struct trylock *l)
{
    __atomic_store_n(&l->holder, 0, __ATOMIC_RELEASE);
}

#endif
