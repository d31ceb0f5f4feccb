/* 8-byte blocks: jemalloc and tcmalloc put two of them into 16 bytes. Each must be counted for itself.
 *
 *     eight_bytes      prints how many lay in the upper half of their 16 bytes
 */
#include "target.h"

#include <stdint.h>

#define BLOCKS 100000

static void *blocks[BLOCKS];

NAMED static void *allocate_eight(void)
{
    void *block = malloc(8);
    if (!block)
        exit(1);
    return block;
}

int main(void)
{
    long upper = 0;
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = allocate_eight();
        upper += (uintptr_t)blocks[i] % 16 == 8;
    }
    /* Free the lower neighbours of some and the upper of others, and fill half of the holes again. */
    for (int i = 0; i < BLOCKS; i += 4)
        free(blocks[i]);
    for (int i = 3; i < BLOCKS; i += 4)
        free(blocks[i]);
    for (int i = 0; i < BLOCKS; i += 4)
        blocks[i] = allocate_eight();
    printf("%ld in the upper half\n", upper);
    printf("truth: allocations allocate_eight %d\n", BLOCKS + BLOCKS / 4);
    printf("truth: frees allocate_eight %d\n", BLOCKS / 2);
    printf("truth: live_blocks allocate_eight %d\n", BLOCKS * 3 / 4);
    return 0;
}
