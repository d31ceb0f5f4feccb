/* A library that allocates in its constructor, before the recorder's constructor has run, and a program
 * that is linked to it (-DPROGRAM). The first malloc of the process must be recorded like the last.
 */
#include "target.h"

#include <stdint.h>

#define BLOCKS 1000

void *early_take(int number);
void *early_take_more(int number);

#ifndef PROGRAM

static void *blocks[BLOCKS], *more[BLOCKS];

NAMED static void *early_allocates(void)
{
    return malloc(300);
}

NAMED static void *early_allocates_more(void)
{
    return malloc(200);
}

__attribute__((constructor)) static void allocate_early(void)
{
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = early_allocates(), more[i] = early_allocates_more();
}

void *early_take_more(int number)
{
    return more[number];
}

void *early_take(int number)
{
    return blocks[number];
}

#else

static volatile size_t too_much = PTRDIFF_MAX;

/* A reallocation that fails leaves everything as it was, sizes too. */
static void free_after_failing(void *block)
{
    if (realloc(block, too_much))
        exit(1);
    free(block);
}

int main(void)
{
    printf("truth: allocations early_allocates %d\n", BLOCKS);
    printf("truth: frees early_allocates %d\n", BLOCKS / 2);
    printf("truth: live_blocks early_allocates %d\n", BLOCKS / 2);
    for (int i = 0; i < BLOCKS; i += 2)
        free(early_take(i));
    for (int i = 0; i < BLOCKS; i++)
        free_after_failing(early_take_more(i));
    printf("truth: frees early_allocates_more %d\n", BLOCKS);
    puts("truth: live_bytes early_allocates_more 0");
    puts("ended well");
    return 0;
}

#endif
