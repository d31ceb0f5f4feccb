/* A library that allocates in its constructor, before the recorder's constructor has run, and a program
 * that is linked to it (-DPROGRAM). The first malloc of the process must be recorded like the last.
 */
#include "target.h"

#define BLOCKS 1000

void *early_take(int number);

#ifndef PROGRAM

static void *blocks[BLOCKS];

NAMED static void *early_allocates(void)
{
    return malloc(300);
}

__attribute__((constructor)) static void allocate_early(void)
{
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = early_allocates();
}

void *early_take(int number)
{
    return blocks[number];
}

#else

int main(void)
{
    printf("truth: allocations early_allocates %d\n", BLOCKS);
    printf("truth: frees early_allocates %d\n", BLOCKS / 2);
    printf("truth: live_blocks early_allocates %d\n", BLOCKS / 2);
    for (int i = 0; i < BLOCKS; i += 2)
        free(early_take(i));
    puts("ended well");
    return 0;
}

#endif
