/* What every target shares: options, a pace, and the way the truth is told.
 *
 * A target is a small program whose memory behaviour is known. It prints that truth in lines that the
 * tests compare with the report:
 *
 *     truth: growing FUNCTION        the sites of FUNCTION grow
 *     truth: steady FUNCTION         they do not, whatever else they do
 *     truth: resident FUNCTION       they were set up and stayed
 *     truth: caller FUNCTION OTHER   OTHER is on every stack of FUNCTION: none is cut
 *     truth: cut FUNCTION WRAPPER    a stack that was cut below its name at WRAPPER is FUNCTION's
 *     truth: FIELD FUNCTION NUMBER   their JSON fields add up to exactly this
 *
 * FUNCTION is the one that calls malloc (or a known wrapper of it). Functions with a truth are NAMED:
 * never inlined, or the stack would not show them.
 */
#ifndef LEAKWATCH_TARGET_H
#define LEAKWATCH_TARGET_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAMED __attribute__((noinline))

/* True if --NAME was given. */
static inline bool option(char **argv, const char *name)
{
    for (char **arg = argv + 1; *arg; arg++)
        if (strncmp(*arg, "--", 2) == 0 && strcmp(*arg + 2, name) == 0)
            return true;
    return false;
}

/* The number after --NAME, or the default. */
static inline double option_number(char **argv, const char *name, double otherwise)
{
    for (char **arg = argv + 1; arg[0] && arg[1]; arg++)
        if (strncmp(*arg, "--", 2) == 0 && strcmp(*arg + 2, name) == 0)
            return atof(arg[1]);
    return otherwise;
}

static inline struct timespec now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t;
}

static inline double seconds_since(struct timespec start)
{
    struct timespec t = now();
    return (double)(t.tv_sec - start.tv_sec) + 1e-9 * (double)(t.tv_nsec - start.tv_nsec);
}

/* A pace: steps of 1 ms. How much is done depends on the time asked for, never on the machine: a step
 * that comes late is followed at once by the next, so growth is steady and totals are known. */
struct pace {
    struct timespec next;
    long steps, done;
};

static inline struct pace pace_of(char **argv)
{
    return (struct pace){.next = now(), .steps = (long)(1000 * option_number(argv, "seconds", 5)), .done = 0};
}

/* True until the time is over: while (pace_step(&pace)) { one step's work } */
static inline bool pace_step(struct pace *pace)
{
    pace->next.tv_nsec += 1000000;
    if (pace->next.tv_nsec >= 1000000000) {
        pace->next.tv_nsec -= 1000000000;
        pace->next.tv_sec++;
    }
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &pace->next, NULL) != 0)
        continue; /* a signal */
    return pace->done++ < pace->steps;
}

#endif
