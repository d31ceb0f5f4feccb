/* What a program knows of its own allocations, kept in a file that outlives it (SIGKILL too).
 *
 * A thread writes its own diary only. Before an operation it notes what the operation may free and allocate
 * (step becomes odd), afterwards what it did (step becomes even). At any instant the truth is therefore the
 * sum of all diaries, give or take what the odd ones have noted. tests/system/diaries.py reads it.
 */
#ifndef LEAKWATCH_DIARY_H
#define LEAKWATCH_DIARY_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DIARY_NAMES 24 /* the most functions; 0 is none */
#define DIARIES     160

struct tally {
    uint64_t allocations, frees, allocated_bytes, freed_bytes;
};

struct diary {
    uint64_t step;         /* odd: an operation is in flight */
    uint64_t loses, gains; /* the function whose block it may free; the one that may allocate */
    uint64_t lost, gained; /* bytes; at most */
    struct tally of[DIARY_NAMES];
};

struct diaries {
    char name[DIARY_NAMES][32];
    struct diary diary[DIARIES];
};

/* NULL without a file. Shared and of a file: no recorder takes it for the program's own memory. */
static inline struct diaries *diaries_open(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    void *at = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, sizeof(struct diaries)) == 0)
        at = mmap(NULL, sizeof(struct diaries), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    return at == MAP_FAILED ? NULL : at;
}

static inline void diary_intend(struct diary *d, uint64_t loses, uint64_t lost, uint64_t gains,
                                uint64_t gained)
{
    d->loses = loses;
    d->lost = lost;
    d->gains = gains;
    d->gained = gained;
    atomic_signal_fence(memory_order_seq_cst); /* x86-64 keeps stores in order */
    d->step++;
    atomic_signal_fence(memory_order_seq_cst);
}

static inline void diary_done(struct diary *d)
{
    atomic_signal_fence(memory_order_seq_cst);
    d->step++;
}

static inline void diary_free(struct diary *d, uint64_t function, uint64_t bytes)
{
    d->of[function].frees++;
    d->of[function].freed_bytes += bytes;
}

static inline void diary_alloc(struct diary *d, uint64_t function, uint64_t bytes)
{
    d->of[function].allocations++;
    d->of[function].allocated_bytes += bytes;
}

static inline struct tally diaries_sum(const struct diaries *all, uint64_t function)
{
    struct tally sum = {0, 0, 0, 0};
    for (int i = 0; i < DIARIES; i++) {
        const struct tally *t = &all->diary[i].of[function];
        sum.allocations += t->allocations;
        sum.frees += t->frees;
        sum.allocated_bytes += t->allocated_bytes;
        sum.freed_bytes += t->freed_bytes;
    }
    return sum;
}

#endif
