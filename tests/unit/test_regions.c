/* Regions: examples, limits, threads, fork, and the stack they use. The model test is in
 * test_region_model.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "book.h"
#include "charges.h"
#include "cpu.h"
#include "region_queue.h"
#include "regions.h"

static sem_t *gate; /* when set, the next charge waits here, the lock held */
static sem_t arrived;

static void charge_and_wait(uint32_t site, int64_t bytes, int blocks)
{
    charge(site, bytes, blocks);
    if (gate) {
        sem_t *wait = gate;
        gate = NULL;
        sem_post(&arrived);
        sem_wait(wait);
    }
}

static void start_anew(void)
{
    regions_unmap(BASE, 512 * PAGE);
    assert_int_equal(all_bytes(), 0);
    assert_int_equal(all_blocks(), 0);
}

/* ---- examples ---- */

static void assert_charged(uint32_t site, int64_t pages, int64_t blocks)
{
    assert_int_equal(charged[site].bytes, pages * (int64_t)PAGE);
    assert_int_equal(charged[site].blocks, blocks);
}

static void the_example_of_the_header_is_true(void **unused)
{
    (void)unused;
    regions_map(BASE, 16 * PAGE, 5, 0);
    assert_charged(5, 0, 0);
    regions_protect(BASE, 4 * PAGE, 7, 1);
    assert_charged(7, 4, 1);
    regions_protect(BASE + 4 * PAGE, 2 * PAGE, 7, 1);
    assert_charged(7, 6, 1);
    regions_unmap(BASE + 2 * PAGE, PAGE);
    assert_charged(7, 5, 1);
    regions_unmap(BASE, 16 * PAGE);
    assert_charged(7, 0, 0);
}

static void neighbours_of_different_calls_are_different_blocks(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < 100; i++)
        regions_map(BASE + (99 - i) * PAGE, PAGE, 3, 1);
    assert_charged(3, 100, 100);
    regions_unmap(BASE, 100 * PAGE);
    assert_charged(3, 0, 0);
}

static void what_the_kernel_refuses_is_ignored(void **unused)
{
    (void)unused;
    regions_map(BASE, 4 * PAGE, 1, 1);
    regions_unmap(BASE + 1, PAGE);
    regions_unmap(BASE, 0);
    regions_unmap(BASE, UINT64_MAX);
    regions_unmap(BASE, UINT64_MAX - 4094);
    regions_protect(BASE, (uint64_t) - (int64_t)BASE, 1, 0); /* ends at 0 */
    assert_charged(1, 4, 1);
    regions_unmap(0, BASE + 4 * PAGE);
    assert_charged(1, 0, 0);
}

static void a_move_that_failed_leaves_everything(void **unused)
{
    (void)unused;
    regions_map(BASE, 4 * PAGE, 1, 1);
    regions_protect(BASE + PAGE, PAGE, 0, 0);
    uintptr_t token = regions_lift(BASE, 4 * PAGE);
    assert_charged(1, 3, 1);
    regions_land(token, 4 * PAGE, BASE, 4 * PAGE, 0, 0);
    assert_charged(1, 3, 1);
    regions_unmap(BASE + 2 * PAGE, 2 * PAGE);
    assert_charged(1, 1, 1);
    start_anew();
}

static void a_quarter_million_mappings_fit_and_no_more(void **unused)
{
    (void)unused;
    uint64_t before = book.head->losses[LOSS_MMAP_FULL];
    unsigned many = (1u << 18) + 10;
    for (unsigned i = 0; i < many; i++)
        regions_map(BASE + 2 * (many - i) * PAGE, PAGE, 2, 1);
    assert_charged(2, 1 << 18, 1 << 18);
    assert_int_equal(book.head->losses[LOSS_MMAP_FULL] - before, 10);
    regions_unmap(BASE, 2 * (many + 1) * PAGE);
    /* what cannot be cut for want of room loses its upper part */
    for (unsigned i = 0; i < (1u << 18); i++)
        regions_map(BASE + 4 * i * PAGE, 3 * PAGE, 2, 1);
    regions_unmap(BASE + PAGE, PAGE);
    assert_charged(2, 3 * (1 << 18) - 2, 1 << 18);
    assert_int_equal(book.head->losses[LOSS_MMAP_FULL] - before, 11);
    regions_unmap(BASE, 4ull * (1 << 18) * PAGE);
    start_anew();
}

/* ---- threads ---- */

#define THREADS 8
#define ROUNDS  400
#define MINE    16

static pthread_barrier_t barrier;

struct worker {
    uint32_t site;
    uint64_t random;
    int64_t bytes; /* of site, mapped at the end */
    struct {
        char *at;
        size_t length;
        bool writable;
    } mine[MINE];
};

static void work_once(struct worker *w)
{
    w->random = w->random * 6364136223846793005ull + 1442695040888963407ull;
    unsigned r = (unsigned)(w->random >> 40), i = r % MINE, kind = r / MINE % 3;
    size_t length = (1 + r / 64 % 64) * PAGE;
    char **at = &w->mine[i].at;
    if (!*at) {
        bool writable = kind != 0;
        *at = mmap(NULL, length, writable ? PROT_READ | PROT_WRITE : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
                   -1, 0);
        regions_map((uintptr_t)*at, length, w->site, writable);
        w->mine[i].length = length;
        w->mine[i].writable = writable;
    } else if (kind == 0) {
        regions_unmap((uintptr_t)*at, w->mine[i].length);
        munmap(*at, w->mine[i].length);
        *at = NULL;
    } else if (kind == 1) {
        w->mine[i].writable = !w->mine[i].writable;
        mprotect(*at, w->mine[i].length, w->mine[i].writable ? PROT_READ | PROT_WRITE : PROT_NONE);
        regions_protect((uintptr_t)*at, w->mine[i].length, w->site, w->mine[i].writable);
    } else {
        uintptr_t token = regions_lift((uintptr_t)*at, w->mine[i].length);
        *at = mremap(*at, w->mine[i].length, length, MREMAP_MAYMOVE);
        regions_land(token, w->mine[i].length, (uintptr_t)*at, length, w->site, 0);
        w->mine[i].length = length;
    }
}

/* Rounds are short, so that the queue cannot overflow even if its reader sleeps all the while. */
static void *work(void *argument)
{
    struct worker *w = argument;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < 1000 / THREADS / 2; i++)
            work_once(w);
        pthread_barrier_wait(&barrier);
        regions_settle();
        pthread_barrier_wait(&barrier);
    }
    for (unsigned i = 0; i < MINE; i++)
        if (w->mine[i].at && w->mine[i].writable)
            w->bytes += (int64_t)w->mine[i].length;
    return NULL;
}

static void threads_end_with_exact_totals(void **unused)
{
    (void)unused;
    static struct worker workers[THREADS];
    pthread_t threads[THREADS];
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (uint32_t t = 0; t < THREADS; t++) {
        workers[t] = (struct worker){.site = t + 1, .random = (uint64_t)time(NULL) + t};
        assert_int_equal(pthread_create(&threads[t], NULL, work, &workers[t]), 0);
    }
    for (unsigned t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    assert_int_equal(book.head->losses[LOSS_MMAP_QUEUE], 0);
    for (unsigned t = 0; t < THREADS; t++)
        assert_int_equal(charged[workers[t].site].bytes, workers[t].bytes);
    for (unsigned t = 0; t < THREADS; t++)
        for (unsigned i = 0; i < MINE; i++)
            if (workers[t].mine[i].at) {
                regions_unmap((uintptr_t)workers[t].mine[i].at, workers[t].mine[i].length);
                munmap(workers[t].mine[i].at, workers[t].mine[i].length);
            }
    start_anew();
}

static void *map_one(void *unused)
{
    (void)unused;
    regions_map(BASE, PAGE, 1, 1);
    return NULL;
}

/* A thread that stands still in its charge, the lock held. */
static pthread_t stop_inside(sem_t *wait)
{
    pthread_t thread;
    sem_init(wait, 0, 0);
    sem_init(&arrived, 0, 0);
    gate = wait;
    assert_int_equal(pthread_create(&thread, NULL, map_one, NULL), 0);
    sem_wait(&arrived);
    return thread;
}

static void nobody_waits_and_a_full_queue_is_a_loss(void **unused)
{
    (void)unused;
    sem_t wait;
    uint64_t before = book.head->losses[LOSS_MMAP_QUEUE];
    pthread_t thread = stop_inside(&wait);
    unsigned fit = REGION_QUEUE_SLOTS - 1; /* one is being applied */
    for (unsigned i = 1; i <= fit + 7; i++)
        regions_map(BASE + 2 * i * PAGE, PAGE, 2, 1);
    assert_int_equal(book.head->losses[LOSS_MMAP_QUEUE] - before, 7);
    sem_post(&wait);
    pthread_join(thread, NULL);
    assert_charged(2, fit, fit);
    regions_unmap(BASE, 3 * REGION_QUEUE_SLOTS * PAGE);
    start_anew();
}

static void a_forked_child_begins_with_nothing(void **unused)
{
    (void)unused;
    sem_t wait;
    int status;
    regions_map(BASE + 100 * PAGE, PAGE, 4, 1);
    pthread_t thread = stop_inside(&wait);
    pid_t pid = fork();
    if (pid == 0) {
        memset(charged, 0, sizeof charged);
        regions_forked();
        regions_map(BASE, 8 * PAGE, 3, 1);
        regions_unmap(BASE + 100 * PAGE, PAGE);
        bool right =
            charged[3].bytes == 8 * (int64_t)PAGE && all_bytes() == charged[3].bytes && all_blocks() == 1;
        regions_unmap(BASE, 8 * PAGE);
        _exit(right && all_bytes() == 0 && all_blocks() == 0 ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    sem_post(&wait);
    pthread_join(thread, NULL);
    start_anew();
}

/* ---- the stack ---- */

/* Sanitizers put red zones on the stack; clang tells of them in another way than gcc. */
#ifdef __has_feature
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
#ifdef __OPTIMIZE__
#define MEASURABLE (!SANITIZED)
#else
#define MEASURABLE 0
#endif

static void calls_on_a_small_stack(void *unused)
{
    (void)unused;
    regions_map(BASE, 4 * PAGE, 1, 1);
    regions_protect(BASE + PAGE, PAGE, 1, 0);
    uintptr_t token = regions_lift(BASE, 4 * PAGE);
    regions_land(token, 4 * PAGE, BASE + 8 * PAGE, 5 * PAGE, 2, 0);
    regions_unmap(BASE, 16 * PAGE);
    regions_settle();
}

static void less_than_256_bytes_of_stack_are_used(void **unused)
{
    (void)unused;
    static unsigned char stack[8192] __attribute__((aligned(16)));
    if (!MEASURABLE)
        skip();
    memset(stack, 0xa5, sizeof stack);
    cpu_call_on_stack(stack + sizeof stack, calls_on_a_small_stack, NULL);
    size_t untouched = 0;
    while (untouched < sizeof stack && stack[untouched] == 0xa5)
        untouched++;
    size_t own = 64; /* calls_on_a_small_stack's frame */
    print_message("%zu bytes used\n", sizeof stack - untouched);
    assert_true(sizeof stack - untouched < 256 + own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_header_is_true),
        cmocka_unit_test(neighbours_of_different_calls_are_different_blocks),
        cmocka_unit_test(what_the_kernel_refuses_is_ignored),
        cmocka_unit_test(a_move_that_failed_leaves_everything),
        cmocka_unit_test(threads_end_with_exact_totals),
        cmocka_unit_test(nobody_waits_and_a_full_queue_is_a_loss),
        cmocka_unit_test(a_forked_child_begins_with_nothing),
        cmocka_unit_test(a_quarter_million_mappings_fit_and_no_more),
        cmocka_unit_test(less_than_256_bytes_of_stack_are_used),
    };
    regions_map(BASE, PAGE, 1, 1); /* before regions_init: nothing happens */
    regions_unmap(BASE, PAGE);
    regions_forked();
    regions_init(charge_and_wait);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
