/* Signals that end up in unusual places.
 *
 *     handlers sigwait [--times N]   one thread waits for SIGTERM, which the process sends itself N times;
 *                                    others, that block it too, allocate. Only that thread may ever get it
 *     handlers longjmp [--times N]   a handler leaves malloc and free by siglongjmp N times, in front of an
 *                                    allocator that can take it (bumpalloc.c); then all is recorded again
 */
#include "target.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <unistd.h>

static long times;
static atomic_bool over;

NAMED static void *main_allocates(size_t size)
{
    return malloc(size);
}

/* ---- sigwait ---- */

static void *allocate(void *unused)
{
    (void)unused;
    for (size_t i = 0; !over; i++) {
        free(malloc(i % 2000));
        if (i % 1000 == 0)
            usleep(100);
    }
    return NULL;
}

static void *wait_for_signals(void *set)
{
    long got = 0;
    int number;
    while (got < times && sigwait(set, &number) == 0) {
        free(main_allocates(10));
        got += number == SIGTERM;
    }
    return (void *)got;
}

static int run_sigwait(void)
{
    sigset_t set;
    pthread_t waiter, thread[4];
    void *got;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_create(&waiter, NULL, wait_for_signals, &set);
    for (int i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, allocate, NULL);
    for (long sent = 0; sent < times; sent++) {
        sigset_t pending;
        kill(getpid(), SIGTERM);
        do { /* or two would be one */
            usleep(10);
            sigpending(&pending);
        } while (sigismember(&pending, SIGTERM));
    }
    pthread_join(waiter, &got);
    over = true;
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    printf("truth: allocations main_allocates %ld\ntruth: live_blocks main_allocates 0\n", times);
    printf("%ld of %ld signals came\n", (long)got, times);
    return 0;
}

/* ---- longjmp ---- */

static sigjmp_buf out;
static volatile sig_atomic_t inside;

static void leap(int number)
{
    (void)number;
    if (inside)
        siglongjmp(out, 1);
}

static void *volatile slot;

NAMED static void allocate_until_signal(void)
{
    for (size_t i = 0;; i++) {
        slot = malloc(i % 500);
        free(slot);
    }
}

static int run_longjmp(void)
{
    struct sigaction action = {.sa_handler = leap};
    sigaction(SIGALRM, &action, NULL);
    for (volatile long i = 0; i < times; i++)
        if (sigsetjmp(out, 1) == 0) {
            inside = 1; /* before the timer runs: on a busy machine it may be over before the loop begins */
            setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 200 + 7 * (i % 100)}, NULL);
            allocate_until_signal();
        } else {
            inside = 0;
            for (size_t n = 0; n < 10; n++)
                free(main_allocates(n));
        }
    for (size_t n = 0; n < 100; n++)
        (void)!main_allocates(n);
    printf("truth: allocations main_allocates %ld\ntruth: live_blocks main_allocates 100\n",
           10 * times + 100);
    puts("ended");
    return 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    times = (long)option_number(argv, "times", 100);
    if (strcmp(mode, "sigwait") == 0)
        return run_sigwait();
    return strcmp(mode, "longjmp") == 0 ? run_longjmp() : 2;
}
