/* Preloaded in front: the monotonic clocks run FAST_CLOCK times as fast, from when they are first asked. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t ns(const struct timespec *t)
{
    return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int64_t first, factor;
    long result = syscall(SYS_clock_gettime, clock, now);
    if (result != 0 || (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE))
        return (int)result;
    if (!factor) {
        const char *wish = getenv("FAST_CLOCK");
        factor = wish ? atoll(wish) : 1;
        first = ns(now);
    }
    int64_t then = first + (ns(now) - first) * factor;
    *now = (struct timespec){.tv_sec = then / 1000000000, .tv_nsec = then % 1000000000};
    return 0;
}
