/* Forks while sixteen threads allocate, so that a child is born at every point of every other thread's malloc
 * and of whatever records it. Each child allocates 1,000 times, then ends by exec, _exit or exit. No child
 * may hang: each has a watchdog, which lasts through its exec.
 *
 *     storm [--children N] [--threads N]
 */
#include "target.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_ONCE  8   /* children */
#define PATIENCE 60u /* seconds until a child counts as hung */
#define THREADS  64  /* at most */
#define KEPT     10  /* blocks that a thread never frees */
#define HELD     100 /* blocks that a thread holds at any time */

static atomic_bool over;
static void *_Atomic shared[HELD]; /* blocks that any thread may free */

NAMED static void *thread_allocates(size_t size)
{
    return malloc(size);
}

NAMED static void *parent_allocates(size_t size)
{
    return malloc(size);
}

NAMED static void *child_allocates(size_t size)
{
    return malloc(size);
}

static void *allocate(void *unused)
{
    (void)unused;
    void *held[HELD] = {0};
    unsigned at = 0;
    for (; !over; at++) {
        free(held[at % HELD]);
        held[at % HELD] = thread_allocates(1 + at * 37 % 2000);
        if (at % 4 == 0)
            free(atomic_exchange(&shared[at % 7], thread_allocates(64)));
        if (at % 1000 == 999)
            usleep(1000); /* or sixteen threads leave the children no processor */
    }
    for (unsigned i = KEPT; i < HELD; i++)
        free(held[i]);
    for (unsigned i = 0; i < KEPT; i++) /* also where the time was too short for them */
        held[i] = held[i] ? held[i] : thread_allocates(1);
    return NULL;
}

static void child(long number, char *self)
{
    void *blocks[1000];
    alarm(PATIENCE);
    for (size_t i = 0; i < 1000; i++)
        blocks[i] = child_allocates(1 + i * 7 % 3000);
    for (size_t i = 0; i < 1000; i += 2)
        free(blocks[i]);
    if (number % 3 == 0)
        execl(self, self, "--after-exec", (char *)NULL);
    if (number % 3 == 1)
        _exit(7);
    exit(7);
}

/* Waits for one child; true if it ended as it should. */
static bool ended_well(void)
{
    int status;
    return wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

int main(int argc, char **argv)
{
    (void)argc;
    if (option(argv, "after-exec")) {
        free(child_allocates(100));
        return 7;
    }
    long children = (long)option_number(argv, "children", 300);
    int threads = (int)option_number(argv, "threads", 16);
    pthread_t thread[THREADS];
    if (threads > THREADS)
        return 2;
    for (int i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, allocate, NULL))
            return 1;

    long well = 0;
    for (long i = 0; i < children; i++) {
        free(parent_allocates(10));
        pid_t pid = fork();
        if (pid == 0)
            child(i, argv[0]);
        if (pid < 0)
            return 1;
        if (i >= AT_ONCE)
            well += ended_well();
    }
    for (long i = 0; i < AT_ONCE && i < children; i++)
        well += ended_well();
    over = true;
    for (int i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    for (int i = 0; i < HELD; i++)
        free(shared[i]);
    printf("truth: live_blocks thread_allocates %d\n", threads * KEPT);
    printf("truth: allocations parent_allocates %ld\n", children);
    puts("truth: live_blocks parent_allocates 0\ntruth: allocations child_allocates 0");
    printf("%ld of %ld children ended well\n", well, children);
    return well != children;
}
