/* Memory allocated on stacks of every kind that the C library gives: deep ones, the smallest, a program's
 * own, those of signal handlers, overflown ones, and in threads that have done nothing yet.
 *
 *     stacks deep|small|alternate|overflow|fresh TIMES
 */
#include "target.h"

#include <alloca.h>
#include <execinfo.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define PAGE 4096u

static long times;
static void *volatile kept;

#define CHECK(holds)                                                                                         \
    do {                                                                                                     \
        if (!(holds)) {                                                                                      \
            printf("line %d: not so: %s\n", __LINE__, #holds);                                               \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

/* size bytes above a page that nobody may touch */
static void *guarded(size_t size)
{
    size = (size + PAGE - 1) & ~(size_t)(PAGE - 1);
    char *at = mmap(NULL, PAGE + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(at != MAP_FAILED && mprotect(at, PAGE, PROT_NONE) == 0);
    return at + PAGE;
}

static void in_thread(const pthread_attr_t *how, void *(*what)(void *), void *argument)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, how, what, argument) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

/* ---- deep: a block for every level ---- */

NAMED static long at_every_level(long level)
{
    long *block = malloc(sizeof *block);
    *block = level;
    long sum = level > 1 ? at_every_level(level - 1) : 0;
    sum += *block;
    free(block);
    return sum;
}

static void *go_deep(void *unused)
{
    (void)unused;
    CHECK(at_every_level(times) == times * (times + 1) / 2);
    return NULL;
}

static void deep(void)
{
    pthread_attr_t large;
    pthread_attr_init(&large);
    pthread_attr_setstacksize(&large, (size_t)256 << 20);
    go_deep(NULL);
    in_thread(&large, go_deep, NULL);
    printf("truth: allocations at_every_level %ld\n", 2 * times);
}

/* ---- small: the least stacks that there may be ---- */

NAMED static void *on_a_small_stack(void *unused)
{
    for (int i = 0; i < 100; i++) {
        kept = malloc(50);
        kept = realloc(kept, 5000);
        free(kept);
    }
    return unused;
}

static void small(void)
{
    pthread_attr_t least, bare, own;
    size_t size = (size_t)sysconf(_SC_THREAD_STACK_MIN);
    char *stack = guarded(size), *data = NULL;
    pthread_attr_init(&least);
    pthread_attr_init(&bare);
    pthread_attr_init(&own);
    CHECK(pthread_attr_setstacksize(&least, size) == 0);
    CHECK(pthread_attr_setstacksize(&bare, size) == 0 && pthread_attr_setguardsize(&bare, 0) == 0);
    for (long i = 0; i < times; i++) {
        in_thread(&least, on_a_small_stack, NULL);
        in_thread(&bare, on_a_small_stack, NULL);
        memset(stack, 0xa5, size); /* between two threads it is data */
        CHECK(pthread_attr_setstack(&own, stack, size) == 0);
        in_thread(&own, on_a_small_stack, NULL);
        CHECK(posix_memalign((void **)&data, PAGE, size) == 0);
        CHECK(pthread_attr_setstack(&own, data, size) == 0);
        in_thread(&own, on_a_small_stack, NULL);
        free(data);
    }
    printf("truth: caller on_a_small_stack start_thread\ntruth: allocations on_a_small_stack %ld\n",
           800 * times);
}

/* ---- alternate: handlers on stacks of their own, one above the other ---- */

static void handle(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK | SA_NODEFER};
    CHECK(sigaction(number, &action, NULL) == 0);
}

static void use_alternate(size_t size)
{
    stack_t alternate = {.ss_sp = guarded(size), .ss_size = size};
    CHECK(sigaltstack(&alternate, NULL) == 0);
}

NAMED static void on_an_alternate_stack(void)
{
    kept = malloc(10);
    free(kept);
}

static void inner(int number)
{
    (void)number;
    on_an_alternate_stack();
}

static void outer(int number)
{
    on_an_alternate_stack();
    raise(number + 1);
    on_an_alternate_stack();
}

static void alternate(void)
{
    size_t least = (size_t)sysconf(_SC_MINSIGSTKSZ);
    handle(SIGRTMIN, outer);
    handle(SIGRTMIN + 1, inner);
    for (long i = 0; i < times; i++) {
        use_alternate(least + 2048);
        raise(SIGRTMIN + 1);
        use_alternate(2 * least + 8192);
        raise(SIGRTMIN);
    }
    printf("truth: caller on_an_alternate_stack main\ntruth: allocations on_an_alternate_stack %ld\n",
           4 * times);
}

/* ---- overflow: caught, survived ---- */

static sigjmp_buf back;
static volatile long overflows;

NAMED static void after_the_overflow(void)
{
    kept = malloc(20);
    free(kept);
}

static void overflown(int number)
{
    (void)number;
    overflows++;
    after_the_overflow();
    siglongjmp(back, 1);
}

NAMED static long without_end(volatile long level)
{
    volatile char room[1000] = {(char)level};
    if (level % 10 == 0) {
        kept = malloc(30);
        free(kept);
    }
    return overflows < 0 ? 0 : without_end(level + 1) + room[level % 1000];
}

static void *overflow_often(void *unused)
{
    use_alternate(64 << 10);
    for (volatile long i = 0; i < times; i++) {
        kept = alloca(16 + (size_t)i * 16 % 4096); /* so that it ends elsewhere each time */
        if (sigsetjmp(back, 1) == 0)
            without_end(1);
    }
    return unused;
}

static void overflow(void)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_STACK, &limit) == 0);
    limit.rlim_cur = 1 << 20;
    CHECK(setrlimit(RLIMIT_STACK, &limit) == 0);
    handle(SIGSEGV, overflown);
    overflow_often(NULL);
    in_thread(NULL, overflow_often, NULL);
    CHECK(overflows == 2 * times);
    printf("%ld overflows\n", overflows);
}

/* ---- fresh: what is done by a thread first of all allocates somewhere inside ---- */

static void *first_backtrace(void *unused)
{
    void *frames[20];
    CHECK(backtrace(frames, 20) >= 2);
    return unused;
}

static void *first_look_up(void *unused)
{
    struct addrinfo *found = NULL;
    CHECK(getaddrinfo("127.0.0.1", "80", NULL, &found) == 0);
    freeaddrinfo(found);
    return unused;
}

static void *first_print(void *unused)
{
    FILE *nothing = fopen("/dev/null", "w");
    CHECK(nothing && fprintf(nothing, "%f %s", 3.14, "first") > 0 && fclose(nothing) == 0);
    return unused;
}

static void *first_attributes(void *unused)
{
    pthread_attr_t attributes;
    size_t size;
    void *stack;
    CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0);
    CHECK(pthread_attr_getstack(&attributes, &stack, &size) == 0);
    CHECK((char *)&size > (char *)stack && (char *)&size < (char *)stack + size);
    pthread_attr_destroy(&attributes);
    return unused;
}

static void fresh(void)
{
    for (long i = 0; i < times; i++) {
        in_thread(NULL, first_attributes, NULL);
        in_thread(NULL, first_backtrace, NULL);
        in_thread(NULL, first_look_up, NULL);
        in_thread(NULL, first_print, NULL);
        first_attributes(NULL); /* the main thread's: the C library reads /proc/self/maps */
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } kinds[] = {
        {"deep", deep}, {"small", small}, {"alternate", alternate}, {"overflow", overflow}, {"fresh", fresh}};
    times = argc == 3 ? atol(argv[2]) : 0;
    for (size_t i = 0; times && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, argv[1]) == 0) {
            kinds[i].run();
            printf("%s %ld: done\n", argv[1], times);
            return 0;
        }
    return 2;
}
