/* Live table: a naive model and a million random operations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "book.h"
#include "live.h"
#include "sparse.h"

#define ADDRESSES  4096
#define OPERATIONS 1000000

/* Addresses as allocators give them: 8-byte neighbours, leaf borders, far apart, the top of memory. */
static uintptr_t make_address(unsigned i)
{
    static const uintptr_t regions[] = {0x555555550000, 0x7ffff0000000, 0x7f0000400000 - 0x4000, 0x10000,
                                        ((uintptr_t)1 << 47) - 0x10000};
    return regions[i % 5] + (uintptr_t)(i / 5) * 8;
}

static void a_million_random_operations_agree_with_a_naive_model(void **unused)
{
    static uint32_t model[ADDRESSES];
    (void)unused;
    random_start();
    memset(model, 0, sizeof model);
    for (int n = 0; n < OPERATIONS; n++) {
        unsigned i = (unsigned)(random_next() % ADDRESSES);
        void *p = (void *)make_address(i);
        if (random_next() & 1) {
            uint32_t entry = (uint32_t)random_next() | 1u << LIVE_SITE_BITS;
            assert_int_equal(live_put(p, entry), model[i]);
            model[i] = entry;
        } else {
            assert_int_equal(live_take(p), model[i]);
            model[i] = 0;
        }
    }
    for (unsigned i = 0; i < ADDRESSES; i++)
        assert_int_equal(live_take((void *)make_address(i)), model[i]);
}

static void blocks_of_eight_bytes_side_by_side_do_not_share_a_slot(void **unused)
{
    (void)unused;
    assert_int_equal(live_put((void *)0x600000, 0x01000001), 0);
    assert_int_equal(live_put((void *)0x600008, 0x01000002), 0);
    assert_int_equal(live_take((void *)0x600000), 0x01000001);
    assert_int_equal(live_take((void *)0x600008), 0x01000002);
}

static void sizes_come_back_exactly_even_beyond_four_gigabytes(void **unused)
{
    static const uint64_t sizes[] = {
        0, 1, 4095, UINT32_MAX - 1, UINT32_MAX, UINT64_C(1) << 32, UINT64_C(1) << 46};
    (void)unused;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *p = (void *)0x7f0000000010;
        uint64_t size = 7;
        assert_int_equal(live_put_sized(p, 0x01000001, sizes[i]), 0);
        assert_int_equal(live_take_sized(p, &size), 0x01000001);
        assert_true(size == sizes[i]);
        assert_int_equal(live_take_sized(p, &size), 0);
    }
}

/* After sizes were tried in the shadows: from here on there is a table for few, too small for these. */
static void sampled_blocks_are_found_also_where_their_table_is_full(void **unused)
{
    enum { BLOCKS = 150000 };
    static uint32_t entries[BLOCKS];
    (void)unused;
    live_count_pages();
    sparse_start();
    random_start();
    for (int n = 0; n < OPERATIONS; n++) {
        unsigned i = (unsigned)(random_next() % BLOCKS);
        void *p = (void *)(0x7f0000000000 + (uintptr_t)i * 2064);
        uint64_t size = 0;
        if (random_next() % 8) { /* most are there: more than there is room for */
            uint32_t entry = (uint32_t)random_next() | 1;
            assert_int_equal(live_put_sized(p, entry, entry + 1ull), entries[i]);
            entries[i] = entry;
            assert_true(live_may_know(p));
        } else {
            assert_int_equal(live_take_sized(p, &size), entries[i]);
            assert_true(!entries[i] || size == entries[i] + 1ull);
            entries[i] = 0;
        }
    }
    for (unsigned i = 0; i < BLOCKS; i++) {
        uint64_t size = 0;
        assert_int_equal(live_take_sized((void *)(0x7f0000000000 + (uintptr_t)i * 2064), &size), entries[i]);
    }
    for (uintptr_t page = 0; page < LIVE_PAGES; page++)
        assert_false(live_may_know((void *)(page << 12)));
}

static void addresses_beyond_the_table_are_a_counted_loss(void **unused)
{
    (void)unused;
    uint64_t before = book.head->losses[LOSS_LIVE_RANGE];
    assert_int_equal(live_put((void *)(UINT64_C(1) << 52), 0x01000001), 0);
    assert_int_equal(live_take((void *)(UINT64_C(1) << 52)), 0);
    assert_int_equal(book.head->losses[LOSS_LIVE_RANGE], before + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_random_operations_agree_with_a_naive_model),
        cmocka_unit_test(blocks_of_eight_bytes_side_by_side_do_not_share_a_slot),
        cmocka_unit_test(sizes_come_back_exactly_even_beyond_four_gigabytes),
        cmocka_unit_test(sampled_blocks_are_found_also_where_their_table_is_full),
        cmocka_unit_test(addresses_beyond_the_table_are_a_counted_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
