/* The core as several threads use it at once: sites found and made, accounts, live table, ticks with their
 * histories, rules learnt, while a reader sums the ledger. What comes out is exactly what went in; TSan sees
 * the rest.
 *
 * Blocks are addresses that nobody maps: the core never follows them. Each thread "allocates" its own and
 * hands every other one to its neighbour, who frees it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "book_file.h"
#include "capture.h"
#include "clock.h"
#include "ledger.h"
#include "life.h"
#include "live.h"
#include "modules.h"
#include "options.h"
#include "regions.h"
#include "rules.h"
#include "sampler.h"
#include "sites.h"
#include "sparse.h"
#include "thread.h"

#define THREADS 4
#define ROUNDS  60000
#define STACKS  700 /* more than a block has counters: they evict each other */
#define SIZE    4096u

/* ---- the core's surroundings ---- */

struct options options = {.interval_ms = 10, .min_bytes = 4096};
uint32_t module_epoch;

struct place module_place(uintptr_t pc)
{
    return (struct place){1, pc};
}

void modules_check(void)
{
}

void regions_settle(void)
{
}

void life_tick(uint64_t now_ms)
{
    (void)now_ms;
}

void life_announce(uint32_t site, uint64_t live_bytes)
{
    (void)site;
    (void)live_bytes;
}

/* ---- the threads ---- */

struct worker {
    pthread_t thread;
    uint32_t number;
    uint64_t put[STACKS], taken[STACKS]; /* blocks, by stack */
};
static struct worker workers[THREADS];
static uintptr_t handed[THREADS]; /* a block for the neighbour, 0 = none */
static pthread_barrier_t barrier;
static uint32_t working;

/* Stack s: its own leaf, one of 7 callers, one root. */
static void walk_of(struct walk *w, uint32_t s)
{
    const uintptr_t pcs[] = {0x1000, 0x2000 + s % 7, 0x3000 + s};
    w->count = 3;
    for (uint32_t i = 0; i < 3; i++)
        w->frames[i] = (struct walk_frame){
            .pc = pcs[i], .link = (uint16_t)(i ? i - 1 : UINT16_MAX), .hash = pcs[i] * 31};
    w->hash = (s + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static uintptr_t block_of(uint32_t thread, uint32_t round, uint32_t stack)
{
    return UINT64_C(0x100000000000) + ((uint64_t)thread << 32) + (uint64_t)(round % 4096) * 65536 +
           stack * 16;
}

static void put(struct worker *me, struct thread *t, uint32_t round)
{
    uint32_t stack = round * 11 % STACKS;
    walk_of(&t->walk, stack);
    uint32_t site = site_of(&t->walk, SITE_HEAP);
    account_alloc(t, site, (struct amount){1, SIZE, SIZE});
    uintptr_t block = block_of(me->number, round, stack);
    uint32_t entry = site | 1u << LIVE_SITE_BITS;
    if (stack % 2)
        assert_int_equal(live_put((void *)block, entry), 0);
    else
        assert_int_equal(live_put_sized((void *)block, entry, SIZE + stack), 0);
    me->put[stack]++;
    uintptr_t none = 0;
    if (round % 2)
        __atomic_compare_exchange_n(&handed[me->number], &none, block, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_RELAXED);
}

static void take(struct worker *me, struct thread *t)
{
    uintptr_t block = __atomic_exchange_n(&handed[(me->number + 1) % THREADS], 0, __ATOMIC_ACQ_REL);
    if (!block)
        return;
    uint32_t stack = block / 16 % 4096;
    uint64_t size = SIZE + stack;
    uint32_t entry = stack % 2 ? live_take((void *)block) : live_take_sized((void *)block, &size);
    assert_true(entry != 0 && size == SIZE + stack);
    account_free(t, entry & LIVE_SITE_MASK, (struct amount){1, SIZE, SIZE});
    me->taken[stack]++;
}

/* A rule is a rule of its pc or none, whoever writes into the same set. */
static void learn(uint32_t round)
{
    uintptr_t pc = 0x400000 + round % 5000;
    uint32_t right = rule_pack(RULE_SP, (uint32_t)(pc % 512) + 1, 0), found = rules_find(pc, 0);
    assert_true(found == 0 || found == right);
    if (!found)
        rules_put(pc, 0, right);
}

static void *work(void *argument)
{
    struct worker *me = argument;
    struct thread *t = thread_claim((int)getpid());
    assert_non_null(t);
    pthread_barrier_wait(&barrier);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        put(me, t, round);
        take(me, t);
        learn(round);
        if (--t->countdown < 0)
            sampler_poll(t);
    }
    __atomic_sub_fetch(&working, 1, __ATOMIC_RELEASE);
    return NULL;
}

/* ---- the reader ---- */

static void check_site(const struct ledger *l, uint32_t id)
{
    struct frame frames[8];
    struct sums sums = ledger_sums(l, id);
    const struct site *site = ledger_site(l, id);
    uint32_t node = __atomic_load_n(&site->node, __ATOMIC_ACQUIRE);
    /* A writer that was stopped in the middle cannot be told from a dead one: its delta is in flight. */
    if (!sums.in_flight)
        assert_true(sums.frees <= sums.allocations && sums.freed_bytes <= sums.allocated_bytes);
    /* A site that was there when we looked may have been given its node since then. */
    if (node && node < l->used[AREA_NODES])
        assert_int_equal(ledger_stack(l, node, frames, 8), 3);
    struct history h;
    uint32_t history = __atomic_load_n(&site->history, __ATOMIC_ACQUIRE);
    if (ledger_history(l, history, id, &h) && h.sequence % 2 == 0)
        assert_true(h.open_ms == h.start_ms + h.count * h.width_ms);
}

static struct ledger look(void)
{
    struct ledger l;
    char why[128];
    assert_int_equal(ledger_view(&l, book.head, book.head->file_bytes, why, sizeof why), 0);
    return l;
}

static void read_while_they_work(void)
{
    while (__atomic_load_n(&working, __ATOMIC_ACQUIRE)) {
        struct ledger l = look();
        for (uint32_t id = 1; id < l.used[AREA_SITES]; id += 13)
            check_site(&l, id);
        if (l.used[AREA_SITES] > 1) /* there is no memory yet for those to come */
            account_read(1 + (uint32_t)clock_age_ms() % ((uint32_t)l.used[AREA_SITES] - 1));
    }
}

/* ---- the end ---- */

static uint32_t stack_of_site(const struct ledger *l, uint32_t id)
{
    struct frame frames[3];
    uint32_t node = ledger_site(l, id)->node;
    if (!node)
        return STACKS; /* lost a race for its place: nobody's */
    assert_int_equal(ledger_stack(l, node, frames, 3), 3);
    uint32_t stack = (uint32_t)frames[0].offset - 0x3000;
    assert_true(stack < STACKS && frames[1].offset == 0x2000 + stack % 7 && frames[2].offset == 0x1000);
    return stack;
}

static void check_totals(void)
{
    static bool seen[STACKS];
    struct ledger l = look();
    for (uint32_t id = 1; id < l.used[AREA_SITES]; id++) {
        struct sums sums = ledger_sums(&l, id);
        uint32_t stack = stack_of_site(&l, id);
        uint64_t blocks = 0, freed = 0;
        for (int w = 0; w < THREADS && stack < STACKS; w++) {
            blocks += workers[w].put[stack];
            freed += workers[w].taken[stack];
        }
        assert_true(stack == STACKS || !seen[stack]); /* one stack, one site */
        if (stack < STACKS)
            seen[stack] = true;
        assert_int_equal(sums.allocations, blocks);
        assert_int_equal(sums.frees, freed);
        assert_int_equal(sums.live_bytes, (blocks - freed) * SIZE);
    }
    for (uint32_t s = 0; s < STACKS; s++)
        assert_true(seen[s]);
}

static void what_several_threads_record_is_exact(void **unused)
{
    (void)unused;
    assert_true(book_open_memory() && sites_init() && rules_init());
    book.head->boot_ns = clock_now_ns(CLOCK_MONOTONIC_COARSE);
    book_publish();
    live_count_pages();
    sparse_start();
    thread_init();
    pthread_barrier_init(&barrier, NULL, THREADS);
    working = THREADS;
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i].number = i;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    read_while_they_work();
    for (uint32_t i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    check_totals();
    assert_true(book.head->area[AREA_HISTORIES].used > 1); /* ticks have passed */
    assert_int_equal(book.head->live_bytes % SIZE, 0);
    book_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_several_threads_record_is_exact)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
