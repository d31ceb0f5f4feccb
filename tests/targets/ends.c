/* Every way to end. Output stays in stdio's buffer until then: who loses it has changed the program.
 *
 *     ends MODE
 *
 * in an orderly way        return exit _exit quick_exit thread pthread_exit
 * exit, oddly placed       handler constructor destructor twice atexit
 * two threads at once      two
 * while eight allocate     busy
 * violently, unnoticed     abort segv kill term pipe raw memory
 * RLIMIT_AS leaves nothing refused (goes on, then exits)
 *
 * What allocate() made is the truth; farewell() frees some of it.
 */
#include "target.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEPT  1000
#define FREED 100

static const char *mode = "";
static void *kept[KEPT];
static pthread_barrier_t barrier;

static bool is(const char *name)
{
    return strcmp(mode, name) == 0;
}

NAMED static void allocate(void)
{
    for (int i = 0; i < KEPT; i++)
        kept[i] = malloc(200);
}

NAMED static void farewell_allocates(void)
{
    for (int i = 0; i < 100000; i++)
        free(malloc(100));
}

static void farewell(void)
{
    for (int i = 0; i < FREED; i++)
        free(kept[i]);
    if (is("two"))
        return; /* the other thread may have flushed already */
    if (is("atexit"))
        farewell_allocates();
    fputs("handler ran; ", stdout);
    if (is("twice"))
        exit(29);
}

static void quick_farewell(void)
{
    fputs("quick handler ran\n", stderr);
}

/* glibc gives constructors main's arguments. */
__attribute__((constructor)) static void first(int argc, char **argv)
{
    mode = argc > 1 ? argv[1] : "";
    if (!is("constructor"))
        return;
    allocate();
    fputs("in a constructor; ", stdout);
    exit(27);
}

__attribute__((destructor)) static void last(void)
{
    if (is("destructor"))
        exit(28);
}

static void *exit_here(void *unused)
{
    (void)unused;
    exit(24);
}

static void *exit_together(void *unused)
{
    (void)unused;
    pthread_barrier_wait(&barrier);
    exit(30);
}

static void *outlive_main(void *unused)
{
    (void)unused;
    usleep(100000);
    fputs("outlived; ", stdout);
    return NULL;
}

static void *allocate_for_ever(void *unused)
{
    (void)unused;
    for (size_t i = 0; kept[0]; i++)
        free(malloc(i % 3000));
    return NULL;
}

static void exit_in_handler(int number)
{
    (void)number;
    exit(26);
}

static void start(int count, void *(*function)(void *))
{
    pthread_t thread;
    for (int i = 0; i < count; i++)
        if (pthread_create(&thread, NULL, function, NULL))
            _exit(1);
}

static void run_two(void)
{
    fflush(stdout);
    pthread_barrier_init(&barrier, NULL, 2);
    start(2, exit_together);
    pause();
}

static void run_busy(void)
{
    start(8, allocate_for_ever);
    usleep(20000);
    exit(31);
}

static void write_to_nobody(void)
{
    int ends[2];
    if (pipe(ends) == 0 && close(ends[0]) == 0 && write(ends[1], "?", 1) < 0)
        fputs("SIGPIPE is ignored; ", stdout);
}

/* Until somebody ends it. */
static void fill_memory(void)
{
    for (;;) {
        char *block = malloc(1 << 20);
        if (block)
            memset(block, 1, 1 << 20);
    }
}

/* The limit leaves little, whatever there is already. */
static void run_refused(void)
{
    struct rlimit limit = {64 << 20, RLIM_INFINITY};
    long refused = 0;
    setrlimit(RLIMIT_AS, &limit);
    for (int i = 0; i < 10000; i++) {
        void *large = malloc(100 << 20), *small = malloc(1000);
        refused += !large;
        free(small);
        free(large);
    }
    while (malloc(10000))
        continue;
    printf("%ld of 10000 refused; ", refused);
    exit(32);
}

static void end_in_an_orderly_way(void)
{
    if (is("exit"))
        exit(22);
    if (is("_exit"))
        _exit(23);
    if (is("quick_exit"))
        quick_exit(25);
    if (is("twice") || is("atexit") || is("destructor"))
        exit(20);
    if (is("thread")) {
        start(1, exit_here);
        pause();
    }
    if (is("pthread_exit")) {
        start(1, outlive_main);
        pthread_exit(NULL);
    }
    if (is("handler")) {
        signal(SIGUSR1, exit_in_handler);
        raise(SIGUSR1);
    }
    if (is("two"))
        run_two();
    if (is("busy"))
        run_busy();
    if (is("refused"))
        run_refused();
}

static void end_with_violence(void)
{
    if (is("abort"))
        abort();
    if (is("segv"))
        *(volatile int *)16 = 1;
    if (is("kill"))
        raise(SIGKILL);
    if (is("term"))
        raise(SIGTERM);
    if (is("pipe"))
        write_to_nobody();
    if (is("raw"))
        syscall(SYS_exit_group, 33);
    if (is("memory"))
        fill_memory();
}

int main(void)
{
    atexit(farewell);
    at_quick_exit(quick_farewell);
    allocate();
    fputs("buffered; ", stdout);
    if (is("return"))
        return 21;
    end_in_an_orderly_way();
    end_with_violence();
    return 2;
}
