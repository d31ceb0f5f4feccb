/* Threads that come and go, with exact totals. Of what a thread allocates, it frees nearly all, its
 * thread-specific destructor frees some (after other libraries' destructors have run), the main thread
 * frees some after the thread is gone, and some is never freed. Every other thread is detached.
 *
 *     threads [--threads N] [--blocks N]      blocks a thread, 100 at least
 */
#include "target.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#define THREADS 8  /* at once */
#define BEQUEST 10 /* of a thread's blocks the main thread gets; it frees half */
#define LATE    10 /* of them the destructor frees */

static pthread_key_t key;
static sem_t finished;
static void *_Atomic bequests[THREADS * BEQUEST];
static long blocks;

NAMED static void *thread_allocates(size_t size)
{
    void *block = malloc(size);
    if (!block)
        exit(1);
    return block;
}

NAMED static void *destructor_allocates(void)
{
    void *block = malloc(333);
    if (!block)
        exit(1);
    return block;
}

static void destroy(void *value)
{
    void **late = value;
    for (int i = 0; i < LATE; i++)
        free(late[i]);
    free(late);
    free(destructor_allocates());
    sem_post(&finished); /* the last thing: a detached thread has no join */
}

static void *run(void *number)
{
    long base = (long)number * BEQUEST;
    void **late = calloc(LATE, sizeof *late);
    if (!late)
        exit(1);
    pthread_setspecific(key, late);
    for (int i = 0; i < blocks; i++) {
        void *block = thread_allocates(16 + (size_t)i);
        if (i < BEQUEST)
            atomic_store(&bequests[base + i], block);
        else if (i < BEQUEST + LATE)
            late[i - BEQUEST] = block;
        else
            free(block);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    (void)argc;
    const long rounds = (long)option_number(argv, "threads", 400) / THREADS, threads = rounds * THREADS;
    blocks = (long)option_number(argv, "blocks", 1000);
    printf("truth: allocations thread_allocates %ld\n", threads * blocks);
    puts("truth: caller thread_allocates run\ntruth: caller destructor_allocates start_thread");
    printf("truth: frees thread_allocates %ld\n", threads * (blocks - BEQUEST / 2));
    printf("truth: live_blocks thread_allocates %ld\n", threads * BEQUEST / 2);
    printf("truth: allocations destructor_allocates %ld\n", threads);
    printf("truth: live_blocks destructor_allocates 0\n");
    fflush(stdout);

    pthread_key_create(&key, destroy);
    sem_init(&finished, 0, 0);
    for (long round = 0; round < rounds; round++) {
        pthread_t thread[THREADS];
        for (long i = 0; i < THREADS; i++) {
            if (pthread_create(&thread[i], NULL, run, (void *)i))
                return 1;
            if (i % 2)
                pthread_detach(thread[i]);
        }
        for (long i = 0; i < THREADS; i += 2)
            pthread_join(thread[i], NULL);
        for (long i = 0; i < THREADS; i++)
            sem_wait(&finished);
        for (long i = 0; i < THREADS * BEQUEST; i += 2)
            free(atomic_load(&bequests[i]));
    }
    return 0;
}
