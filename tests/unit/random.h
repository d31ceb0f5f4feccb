/* Random numbers for tests: another seed each run, told, and the one of SEED=n to repeat a run. */
#ifndef LEAKWATCH_TESTS_RANDOM_H
#define LEAKWATCH_TESTS_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static uint64_t random_state;

/* xorshift64: Marsaglia, "Xorshift RNGs", 2003. */
static inline uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static inline uint64_t random_below(uint64_t limit)
{
    return (random_next() >> 16) % limit;
}

static inline uint32_t below(uint32_t limit)
{
    return (uint32_t)random_below(limit);
}

static inline void random_start(void)
{
    const char *given = getenv("SEED");
    uint64_t seed =
        given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) * 2654435761u + (uint64_t)getpid();
    random_state = seed ? seed : 1;
    printf("SEED=%llu\n", (unsigned long long)random_state);
    fflush(stdout);
}

#endif
