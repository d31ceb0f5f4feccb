/* What a walk costs: the figures that the comments in capture.c and the README quote. The best of many short
 * rounds, less the cost of the calls around it; other load on the machine shows in the rest. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bounds.h"
#include "capture.h"
#include "modules.h"
#include "rules.h"

#define NOINLINE __attribute__((noinline))
#define ROUNDS   400
#define CALLS    1000

static struct walk walk;
static uintptr_t pcs[WALK_MAX];
static void (*volatile hook)(void);

static NOINLINE void nothing(void)
{
    struct caller who = cpu_caller(__builtin_frame_address(0));
    __asm__ volatile("" ::"r"(&who) : "memory");
}

static NOINLINE void walk_again(void)
{
    struct caller who = cpu_caller(__builtin_frame_address(0));
    capture(&walk, &who, 128);
    __asm__ volatile("");
}

static NOINLINE void walk_anew(void)
{
    struct caller who = cpu_caller(__builtin_frame_address(0));
    walk_forget(&walk);
    capture(&walk, &who, 128);
    __asm__ volatile("");
}

static NOINLINE void replay(void)
{
    struct caller who = cpu_caller(__builtin_frame_address(0));
    capture_raw(&walk, &who, pcs, 128);
    __asm__ volatile("");
}

static NOINLINE void learn_all(void)
{
    struct caller who = cpu_caller(__builtin_frame_address(0));
    module_epoch++; /* every rule is of another epoch now */
    capture_raw(&walk, &who, pcs, 128);
    __asm__ volatile("");
}

static NOINLINE void find_maps(void)
{
    bounds_of((uintptr_t)pcs); /* no stack: always looked up */
    bounds_forget((uintptr_t)pcs, 8);
}

/* Three frames below the common ones; the middle one has two callers' places. */
static NOINLINE int leaf(int x)
{
    hook();
    __asm__ volatile("");
    return x + 1;
}
static NOINLINE int one_way(int x)
{
    int r = leaf(x) + 1;
    __asm__ volatile("");
    return r;
}
static NOINLINE int other_way(int x)
{
    int r = leaf(x) + 2;
    __asm__ volatile("");
    return r;
}

static void both_ways(void)
{
    one_way(1);
    other_way(2);
}

static void hook_only(void)
{
    hook();
}

static double time_of(void (*job)(void), int calls)
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        for (int i = 0; i < calls; i++)
            job();
        clock_gettime(CLOCK_MONOTONIC, &to);
        double ns = (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
        if (ns / calls < best)
            best = ns / calls;
    }
    return best;
}

static double cost(void (*job)(void), void (*what)(void), int calls)
{
    hook = nothing;
    double around = time_of(job, calls);
    hook = what;
    return time_of(job, calls) - around;
}

static NOINLINE int measure(int x)
{
    double both = cost(both_ways, walk_again, CALLS) / 2;
    uint32_t count = walk.count;
    printf("%u frames, 3 new and %u as before: %.1f ns\n", count, count - 3, both);
    double same = cost(hook_only, walk_again, CALLS);
    printf("%u frames, all as before: %.1f ns\n", walk.count, same);
    double anew = cost(hook_only, walk_anew, CALLS);
    printf("%u frames, all new, folded and hashed: %.1f ns, %.1f a frame\n", walk.count, anew,
           anew / walk.count);
    double raw = cost(hook_only, replay, CALLS);
    printf("%u frames, rules replayed only: %.1f ns, %.1f a frame\n", walk.count, raw, raw / walk.count);
    uint32_t depth = walk.count;
    double learnt = cost(hook_only, learn_all, 20);
    printf("learning: %.0f ns a frame\n", learnt / depth);
    printf("bounds from /proc/self/maps: %.0f ns\n", cost(hook_only, find_maps, 20));
    return x;
}

/* Fifteen frames between main and what is measured. */
#define LEVEL(name, next)                                                                                    \
    static NOINLINE int name(int x)                                                                          \
    {                                                                                                        \
        int r = next(x) + 1;                                                                                 \
        __asm__ volatile("");                                                                                \
        return r;                                                                                            \
    }
LEVEL(level1, measure)
LEVEL(level2, level1)
LEVEL(level3, level2)
LEVEL(level4, level3)
LEVEL(level5, level4)
LEVEL(level6, level5)
LEVEL(level7, level6)
LEVEL(level8, level7)
LEVEL(level9, level8)
LEVEL(level10, level9)
LEVEL(level11, level10)
LEVEL(level12, level11)

int main(void)
{
    const char *problem = capture_init();
    if (problem) {
        fprintf(stderr, "%s\n", problem);
        return 1;
    }
    return level12(0) == 0;
}
