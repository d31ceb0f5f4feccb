/* Moments in which a recorder that takes locks, opens files or starts threads would be noticed:
 *
 *     moments timers       four timers of 20 kHz interrupt three threads that allocate, for a second
 *     moments realtime     a thread of SCHED_FIFO allocates and sleeps, on the one processor that three
 *                          ordinary ones learn new stacks on
 *     moments locked       a thread holds the locks of stdin, stdout and stderr, allocates, calls exit
 *     moments no_files     RLIMIT_NOFILE is 0 from now on; allocates for a second, and keeps
 *     moments registered   code made at run time, with unwind tables given by __register_frame,
 *                          calls malloc
 */
#include "target.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static atomic_bool over;
static void *volatile kept;

NAMED static void *allocates(size_t size)
{
    return malloc(size);
}

/* size, under as many calls as depth says. */
NAMED static void *under(unsigned depth, size_t size)
{
    void *p = depth ? under(depth - 1, size) : allocates(size);
    __asm__ volatile("");
    return p;
}

static void *allocate(void *unused)
{
    (void)unused;
    for (unsigned i = 0; !over; i++)
        free(under(i % 60, i % 500 + 1));
    return NULL;
}

static void begin(pthread_t *threads, int n)
{
    for (int i = 0; i < n; i++)
        if (pthread_create(threads + i, NULL, allocate, NULL))
            exit(1);
}

static void end(const pthread_t *threads, int n)
{
    over = true;
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
}

/* ---- timers ---- */

static atomic_long interrupted;

static void on_timer(int number)
{
    (void)number;
    interrupted++;
}

static int timers(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    struct itimerspec often = {{0, 50000}, {0, 50000}};
    timer_t timer[4];
    pthread_t threads[3];
    signal(SIGRTMIN, on_timer);
    begin(threads, 3);
    for (int i = 0; i < 4; i++)
        if (timer_create(CLOCK_MONOTONIC, &event, &timer[i]) || timer_settime(timer[i], 0, &often, NULL))
            return 1;
    for (struct timespec start = now(); seconds_since(start) < 1;)
        free(allocates(100));
    for (int i = 0; i < 4; i++)
        timer_delete(timer[i]);
    end(threads, 3);
    return interrupted < 1000;
}

/* ---- realtime ---- */

static void *high(void *unused)
{
    struct sched_param most = {.sched_priority = 50};
    if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &most))
        return unused;
    for (struct timespec start = now(); seconds_since(start) < 1;) {
        for (unsigned i = 0; i < 500; i++)
            free(under(i * 7 % 80, i + 1));
        usleep(50);
    }
    return &over;
}

static int realtime(void)
{
    cpu_set_t one;
    pthread_t threads[3], first;
    void *done;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sched_setaffinity(0, sizeof one, &one);
    begin(threads, 3);
    if (pthread_create(&first, NULL, high, NULL))
        return 1;
    pthread_join(first, &done);
    end(threads, 3);
    return done ? 0 : 77; /* not allowed here */
}

/* ---- locked ---- */

static void *hold(void *unused)
{
    flockfile(stdin);
    flockfile(stdout);
    flockfile(stderr);
    for (unsigned i = 0; i < 10000; i++)
        free(under(i % 60, i % 1000));
    exit(22);
    return unused;
}

static int locked(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, hold, NULL);
    while (!over)
        free(allocates(10));
    return 0;
}

/* ---- no_files ---- */

static int no_files(void)
{
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_NOFILE, &none))
        return 1;
    for (struct timespec start = now(); seconds_since(start) < 1; usleep(1000)) {
        void **link = allocates(1000);
        *link = kept;
        kept = link;
    }
    return 0;
}

/* ---- registered ---- */

void __register_frame(void *), __deregister_frame(void *);

/* sub $8, %rsp; call *%rdi; add $8, %rsp; ret */
static const unsigned char code[] = "\x48\x83\xec\x08\xff\xd7\x48\x83\xc4\x08\xc3";

/* A CIE and its one FDE, as compilers write them: CFA = rsp + 8, after 4 bytes rsp + 16. */
static struct __attribute__((packed)) {
    uint32_t cie_length, cie_id;
    uint8_t version, augmentation, code_align, data_align, ra, cie_program[7];
    uint32_t fde_length, cie;
    void *start;
    uint64_t length;
    uint8_t fde_program[8];
    uint32_t end;
} table = {.cie_length = 16,
           .version = 1,
           .code_align = 1,
           .data_align = 0x78, /* -8 */
           .ra = 16,
           .cie_program = {0x0c, 7, 8, 0x90, 1},
           .fde_length = 28,
           .cie = 24,
           .length = sizeof code - 1,
           .fde_program = {0x44, 0x0e, 16}};

NAMED static void *by_made_code(void)
{
    return allocates(100);
}

static int registered(void)
{
    for (int turn = 0; turn < 20; turn++) {
        void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED)
            return 1;
        memcpy(page, code, sizeof code);
        table.start = page;
        __register_frame(&table);
        for (int i = 0; i < 100; i++)
            free(((void *(*)(void *(*)(void)))page)(by_made_code));
        __deregister_frame(&table);
        munmap(page, 4096);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } all[] = {{"timers", timers},
               {"realtime", realtime},
               {"locked", locked},
               {"no_files", no_files},
               {"registered", registered}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (argc > 1 && strcmp(argv[1], all[i].name) == 0) {
            int status = all[i].run();
            puts("passed");
            return status;
        }
    return 2;
}
