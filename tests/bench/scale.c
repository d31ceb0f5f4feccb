/* What an operation costs when there is much of something. Prints "nanoseconds an operation, peak KiB".
 *
 *   scale sites N      N distinct stacks, each of which allocated once already
 *   scale new N        the same, at their first allocation
 *   scale blocks N     N live blocks; a new one comes and goes
 *   scale modules N F  N copies of the library F that is at F.0, F.1, ...; each allocates in turn
 *   scale threads N    N threads alive; each allocates
 *   scale gone N       N threads, one after the other; an operation is a thread
 *   scale time S       S seconds; an operation is one of the last second
 */
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOINLINE __attribute__((noinline, noclone, noipa))
#define PAIRS    2000000L

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static _Noreturn void wrong(const char *what)
{
    fprintf(stderr, "scale: %s\n", what);
    exit(1);
}

/* getrusage would tell the peak of the process that started us, where that is more. */
static long peak_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && kib == 0 && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld", &kib) != 1)
            kib = 0;
    if (status)
        fclose(status);
    return kib;
}

static _Noreturn void tell(double seconds, long operations)
{
    printf("%.2f %ld\n", seconds * 1e9 / (double)operations, peak_kib());
    exit(0);
}

/* ---- sites: ten levels of functions, four ways from each to the next ---- */

NOINLINE static void *level0(unsigned path)
{
    (void)path;
    return malloc(24);
}

/* A call, not a jump: the block is looked at on the way back. */
#define WAY(name, below)                                                                                     \
    NOINLINE static void *name(unsigned path)                                                                \
    {                                                                                                        \
        void *block = below(path / 4);                                                                       \
        __asm__ volatile("" : "+r"(block));                                                                  \
        return block;                                                                                        \
    }
#define LEVEL(n, below)                                                                                      \
    WAY(north##n, below)                                                                                     \
    WAY(east##n, below)                                                                                      \
    WAY(south##n, below)                                                                                     \
    WAY(west##n, below)                                                                                      \
    static inline void *level##n(unsigned path)                                                              \
    {                                                                                                        \
        static void *(*const ways[])(unsigned) = {north##n, east##n, south##n, west##n};                     \
        return ways[path % 4](path);                                                                         \
    }
LEVEL(1, level0)
LEVEL(2, level1)
LEVEL(3, level2)
LEVEL(4, level3)
LEVEL(5, level4)
LEVEL(6, level5)
LEVEL(7, level6)
LEVEL(8, level7)
LEVEL(9, level8)
LEVEL(10, level9)

static void all_paths(long n)
{
    for (long path = 0; path < n; path++)
        free(level10((unsigned)path));
}

/* All from one place: another one would make other stacks. */
static void sites(long n, bool first)
{
    long rounds = first ? 1 : 1 + (PAIRS + n - 1) / n, counted = first ? 1 : rounds - 1;
    double start = 0;
    for (long i = 0; i < rounds; i++) {
        if (i == rounds - counted)
            start = seconds_now();
        all_paths(n);
    }
    tell(seconds_now() - start, counted * n);
}

/* ---- the others ---- */

NOINLINE static void pairs(long n)
{
    for (long i = 0; i < n; i++) {
        void *block = malloc(24);
        __asm__ volatile("" : "+r"(block));
        free(block);
    }
}

static void blocks(long n)
{
    void **last = NULL;
    for (long i = 0; i < n; i++) {
        void **block = malloc(16);
        if (!block)
            wrong("no memory");
        *block = last;
        last = block;
    }
    double start = seconds_now();
    pairs(PAIRS * 5);
    tell(seconds_now() - start, PAIRS * 5);
}

static void modules(long n, const char *file)
{
    void (*allocate[4096])(void);
    if (n > 4096)
        wrong("too many modules");
    for (long i = 0; i < n; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s.%ld", file, i);
        void *handle = dlopen(path, RTLD_NOW), *function = handle ? dlsym(handle, "module_pair") : NULL;
        if (!function)
            wrong(dlerror());
        memcpy(&allocate[i], &function, sizeof function);
        allocate[i]();
    }
    double start = seconds_now();
    for (long i = 0; i < PAIRS * 2; i++)
        allocate[i % n]();
    tell(seconds_now() - start, PAIRS * 2);
}

static pthread_barrier_t all_there, all_done;
static long share;

static void *be_alive(void *unused)
{
    free(malloc(24));
    pthread_barrier_wait(&all_there);
    pairs(share);
    pthread_barrier_wait(&all_done);
    return unused;
}

static void *come_and_go(void *unused)
{
    free(malloc(24));
    free(malloc(48));
    return unused;
}

static void begin(pthread_t *thread, void *(*what)(void *))
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    if (pthread_create(thread, &attributes, what, NULL) != 0)
        wrong("no more threads");
    pthread_attr_destroy(&attributes);
}

static void threads(long n)
{
    share = PAIRS * 10 / n;
    pthread_barrier_init(&all_there, NULL, (unsigned)n + 1);
    pthread_barrier_init(&all_done, NULL, (unsigned)n + 1);
    for (long i = 0; i < n; i++) {
        pthread_t thread;
        begin(&thread, be_alive);
    }
    double start = seconds_now();
    pthread_barrier_wait(&all_there);
    pthread_barrier_wait(&all_done);
    tell(seconds_now() - start, share * n);
}

static void gone(long n)
{
    double start = seconds_now();
    for (long i = 0; i < n; i++) {
        pthread_t thread;
        begin(&thread, come_and_go);
        pthread_join(thread, NULL);
    }
    tell(seconds_now() - start, n);
}

static void run_for(long n)
{
    double end = seconds_now() + (double)(n - 1);
    while (seconds_now() < end)
        pairs(10000);
    double start = seconds_now();
    long operations = 0;
    for (; seconds_now() < start + 1; operations += 10000)
        pairs(10000);
    tell(seconds_now() - start, operations);
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    long n = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (n <= 0)
        wrong("usage: scale WHAT NUMBER [FILE]");
    if (strcmp(what, "sites") == 0)
        sites(n, false);
    if (strcmp(what, "new") == 0)
        sites(n, true);
    if (strcmp(what, "blocks") == 0)
        blocks(n);
    if (strcmp(what, "modules") == 0 && argc > 3)
        modules(n, argv[3]);
    if (strcmp(what, "threads") == 0)
        threads(n);
    if (strcmp(what, "gone") == 0)
        gone(n);
    if (strcmp(what, "time") == 0)
        run_for(n);
    wrong("usage: scale WHAT NUMBER [FILE]");
}
