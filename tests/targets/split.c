/* Split stacks (gcc -fsplit-stack): a function that finds no room goes on in another piece of memory. A block
 * at each of 10,000 levels, on the main thread and on another.
 *
 *     split TIMES
 */
#include "target.h"

#include <pthread.h>

#define LEVELS 10000

static long times;

NAMED static long in_pieces(int level)
{
    volatile char room[1000];
    void *volatile block = malloc(40);
    room[level % 1000] = 1;
    long sum = level > 1 ? in_pieces(level - 1) : 0;
    free(block);
    return sum + room[level % 1000];
}

static void *run(void *sum)
{
    for (long i = 0; i < times; i++)
        *(long *)sum += in_pieces(LEVELS);
    return sum;
}

int main(int argc, char **argv)
{
    long sums[2] = {0, 0};
    pthread_t thread;
    times = argc > 1 ? atol(argv[1]) : 1;
    run(sums);
    if (pthread_create(&thread, NULL, run, sums + 1) != 0 || pthread_join(thread, NULL) != 0)
        return 2;
    printf("%ld and %ld levels\ntruth: allocations in_pieces %ld\n", sums[0], sums[1], 2 * times * LEVELS);
    return 0;
}
