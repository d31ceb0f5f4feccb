/* A consumer thread that frees everything and then sleeps: what it freed and has not told anyone yet
 * must not look alive.
 *
 *     consumer [--seconds N]     says "asleep" when it sleeps
 */
#include "target.h"

#include <pthread.h>

#define BLOCKS 100000

static void *blocks[BLOCKS];
static pthread_barrier_t filled, freed;

NAMED static void *produce(size_t size)
{
    void *block = malloc(size);
    if (!block)
        exit(1);
    return block;
}

static void *consume(void *sleep_for)
{
    pthread_barrier_wait(&filled);
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    pthread_barrier_wait(&freed);
    nanosleep(sleep_for, NULL);
    return NULL;
}

int main(int argc, char **argv)
{
    (void)argc;
    printf("truth: steady produce\ntruth: allocations produce %d\n", BLOCKS);
    printf("truth: live_blocks produce 0\ntruth: live_bytes produce 0\n");

    struct timespec sleep_for = {.tv_sec = (time_t)option_number(argv, "seconds", 2)};
    pthread_t consumer;
    pthread_barrier_init(&filled, NULL, 2);
    pthread_barrier_init(&freed, NULL, 2);
    if (pthread_create(&consumer, NULL, consume, &sleep_for))
        return 1;
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = produce(100 + (size_t)i % 50);
    pthread_barrier_wait(&filled);
    pthread_barrier_wait(&freed);
    puts("asleep");
    fflush(stdout);
    pthread_join(consumer, NULL);
    return 0;
}
