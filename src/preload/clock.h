/* The clock: age of this process in milliseconds. Coarse (a few ms) and cheap (about 3 ns): it is
 * steady against changes of the wall clock and never a system call. */
#ifndef LEAKWATCH_PRELOAD_CLOCK_H
#define LEAKWATCH_PRELOAD_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "book.h"

static inline uint64_t clock_now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static inline uint64_t clock_age_ms(void)
{
    uint64_t now = clock_now_ns(CLOCK_MONOTONIC_COARSE), boot = book.head->boot_ns;
    return now > boot ? (now - boot) / 1000000 : 0;
}

#endif
