/* Accounts: live(site) = account + every block, whatever is evicted, published or in flight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "book_file.h"
#include "sampler.h"

struct thread thread_nobody;
__thread struct thread *self = &thread_nobody;

static unsigned left; /* sites that were told to have left a counter */

void sampler_leaving(uint32_t site)
{
    (void)site;
    __atomic_fetch_add(&left, 1, __ATOMIC_RELAXED);
}

static struct thread *make_thread(void)
{
    struct thread *t = calloc(1, sizeof *t);
    t->id = book_add(AREA_BLOCKS, 1);
    assert_int_equal(book_add(AREA_OWNERS, 1), t->id);
    t->block = book_block(t->id);
    return t;
}

static int open_book(void **unused)
{
    (void)unused;
    left = 0;
    return book_open_memory() && book_add(AREA_SITES, 2000) ? 0 : -1;
}

static int close_book(void **unused)
{
    (void)unused;
    book_close();
    return 0;
}

static struct amount bytes(uint64_t n)
{
    return (struct amount){1, n, n};
}

static void unpublished_counts_are_part_of_what_is_live(void **unused)
{
    (void)unused;
    struct thread *t = make_thread();
    account_alloc(t, 7, bytes(100));
    account_alloc(t, 7, bytes(50));
    account_free(t, 7, bytes(100));
    assert_int_equal(book_site(7)->allocations, 0);
    struct standing now = account_read(7);
    assert_int_equal(now.live_bytes, 50);
    assert_int_equal(now.live_blocks, 1);
    account_publish_all(t);
    assert_int_equal(book_site(7)->allocations, 2);
    assert_int_equal(account_read(7).live_bytes, 50);
    free(t);
}

static void two_sites_of_one_slot_evict_each_other_without_loss(void **unused)
{
    (void)unused;
    struct thread *t = make_thread();
    for (int i = 0; i < 1000; i++) {
        account_alloc(t, 3, bytes(16));
        account_alloc(t, 3 + BLOCK_COUNTERS, bytes(32));
    }
    assert_int_equal(account_read(3).live_bytes, 16000);
    assert_int_equal(account_read(3 + BLOCK_COUNTERS).live_bytes, 32000);
    assert_int_equal(left, 1999);
    free(t);
}

static void a_block_freed_by_another_thread_is_live_nowhere(void **unused)
{
    (void)unused;
    struct thread *producer = make_thread(), *consumer = make_thread();
    account_alloc(producer, 9, bytes(64));
    account_free(consumer, 9, bytes(64));
    assert_int_equal(account_read(9).live_bytes, 0);
    account_publish_all(producer); /* the consumer sleeps for ever with its count unpublished */
    assert_int_equal(account_read(9).live_bytes, 0);
    free(producer);
    free(consumer);
}

static void counters_that_would_overflow_are_published_first(void **unused)
{
    (void)unused;
    struct thread *t = make_thread();
    const uint64_t size = ACCOUNT_LARGE - 1, events = 2000; /* 2000 * 16 MiB is well over 32 bits */
    for (uint64_t i = 0; i < events; i++)
        account_alloc(t, 5, bytes(size));
    account_alloc(t, 5, bytes(UINT64_C(1) << 40));
    assert_true(account_read(5).live_bytes == events * size + (UINT64_C(1) << 40));
    for (uint64_t i = 0; i < events; i++)
        account_free(t, 5, bytes(size));
    account_free(t, 5, bytes(UINT64_C(1) << 40));
    assert_true(account_read(5).live_bytes == 0 && account_read(5).live_blocks == 0);
    free(t);
}

static void a_delta_in_flight_is_never_counted_twice(void **unused)
{
    (void)unused;
    struct thread *t = make_thread();
    account_alloc(t, 11, bytes(100));
    account_publish_all(t);
    account_alloc(t, 11, bytes(7));
    t->block->counters[11].sequence |= 1; /* killed while publishing */
    assert_int_equal(account_read(11).live_bytes, 100);
    free(t);
}

static void the_untracked_site_and_large_blocks_go_straight_to_the_account(void **unused)
{
    (void)unused;
    struct thread *t = make_thread();
    account_alloc(t, 0, bytes(10));
    account_alloc(t, 1, bytes(ACCOUNT_LARGE));
    assert_int_equal(book_site(0)->allocated_bytes, 10);
    assert_int_equal(book_site(1)->allocated_bytes, ACCOUNT_LARGE);
    assert_int_equal(t->net, 10 + ACCOUNT_LARGE);
    free(t);
}

#define ROUNDS 200000
#define SITES  1500

static void *hammer(void *argument)
{
    struct thread *t = self = argument;
    unsigned seed = t->id;
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t site = 1 + (uint32_t)rand_r(&seed) % SITES;
        account_alloc(t, site, bytes(48));
        account_free(t, 1 + (site + 700) % SITES, bytes(48)); /* somebody else's block */
        if (i % 4096 == 0)
            account_publish_all(t);
    }
    return NULL;
}

static void totals_are_exact_after_many_threads(void **unused)
{
    (void)unused;
    pthread_t threads[4];
    struct thread *workspaces[4];
    for (int i = 0; i < 4; i++) {
        workspaces[i] = make_thread();
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, workspaces[i]), 0);
    }
    for (int i = 0; i < 1000; i++)
        account_read(1 + (uint32_t)i % SITES); /* a reader at any time */
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        free(workspaces[i]);
    }
    uint64_t allocations = 0, frees = 0;
    for (uint32_t id = 1; id <= 4; id++)
        for (uint32_t c = 0; c < BLOCK_COUNTERS; c++) {
            allocations += book_block(id)->counters[c].allocs;
            frees += book_block(id)->counters[c].frees;
        }
    for (uint32_t s = 0; s <= SITES; s++) {
        allocations += book_site(s)->allocations;
        frees += book_site(s)->frees;
    }
    assert_int_equal(allocations, 4 * ROUNDS);
    assert_int_equal(frees, 4 * ROUNDS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_book, close_book)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(unpublished_counts_are_part_of_what_is_live),
        TEST(two_sites_of_one_slot_evict_each_other_without_loss),
        TEST(a_block_freed_by_another_thread_is_live_nowhere),
        TEST(counters_that_would_overflow_are_published_first),
        TEST(a_delta_in_flight_is_never_counted_twice),
        TEST(the_untracked_site_and_large_blocks_go_straight_to_the_account),
        TEST(totals_are_exact_after_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
