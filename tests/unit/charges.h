/* What regions.c charged, summed up by site; for the tests of the regions. */
#ifndef LEAKWATCH_TESTS_CHARGES_H
#define LEAKWATCH_TESTS_CHARGES_H

#include <stdint.h>

#define PAGE  4096ull
#define BASE  0x100000000000ull /* where nothing is mapped: no call here reaches the kernel */
#define SITES 16u

struct total {
    int64_t bytes, blocks;
};
static struct total charged[SITES]; /* under the regions' lock */

static inline void charge(uint32_t site, int64_t bytes, int blocks)
{
    assert_true(site < SITES);
    assert_true(bytes > 0 ? blocks == 0 || blocks == 1 : bytes < 0 && (blocks == 0 || blocks == -1));
    charged[site].bytes += bytes;
    charged[site].blocks += blocks;
}

static inline int64_t all_bytes(void)
{
    int64_t sum = 0;
    for (unsigned s = 0; s < SITES; s++)
        sum += charged[s].bytes;
    return sum;
}

static inline int64_t all_blocks(void)
{
    int64_t sum = 0;
    for (unsigned s = 0; s < SITES; s++)
        sum += charged[s].blocks;
    return sum;
}

#endif
