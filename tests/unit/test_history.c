/* Histories against a naive model that keeps every sample. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "random.h"
#include "history.h"
#include "verdict.h"

enum { SAMPLES = 400, RUNS = 400 };
#define LONGEST (UINT64_C(1) << 40) /* windows of 35 years in ms: idle no longer by then */

static int start_random(void **unused)
{
    (void)unused;
    random_start();
    return 0;
}

/* ---- the model ---- */

struct sample {
    uint64_t at;
    float live, low, high, allocated;
};

struct model {
    struct sample samples[SAMPLES + 1]; /* [0]: the level at the start */
    int count;
};

static void model_add(struct model *m, struct history *h, uint64_t at, float low, float live, float high)
{
    double total = h->allocated + (double)random_below(1000);
    m->samples[m->count++] = (struct sample){at, live, low, high, (float)(total - h->allocated)};
    history_add(h, at, (double)live, (double)low, (double)high, total);
}

/* A window is (start, end], and what was live at its start. */
static struct window naive(const struct model *m, uint64_t start, uint64_t end)
{
    struct window w = {0};
    for (int i = 0; i < m->count && m->samples[i].at <= end; i++) {
        const struct sample *s = &m->samples[i];
        if (s->at <= start) {
            w.low = w.high = s->live;
            continue;
        }
        w.low = s->low < w.low ? s->low : w.low;
        w.high = s->high > w.high ? s->high : w.high;
        w.allocated += s->allocated;
    }
    return w;
}

static void compare(const struct model *m, uint64_t start, uint64_t end, const struct window *w)
{
    struct window expected = naive(m, start, end);
    assert_true(w->low == expected.low);
    assert_true(w->high == expected.high);
    assert_true(w->allocated == expected.allocated); /* whole numbers below 2^24: exact in any order */
}

static void compare_all(const struct model *m, const struct history *h)
{
    assert_true(h->count <= HISTORY_WINDOWS);
    assert_int_equal(h->open_ms, h->start_ms + h->count * h->width_ms);
    assert_true(h->last_ms >= h->open_ms && h->last_ms < h->open_ms + h->width_ms);
    for (uint32_t i = 0; i < h->count; i++)
        compare(m, h->start_ms + i * h->width_ms, h->start_ms + (i + 1) * h->width_ms, &h->closed[i]);
    compare(m, h->open_ms, h->last_ms, &h->open);
}

/* Mostly a part of a window, sometimes exactly to its end, sometimes idle for long. */
static uint64_t next_time(const struct history *h)
{
    switch (random_below(8)) {
    case 0:
        return h->open_ms + h->width_ms;
    case 1:
        return h->last_ms + 1 +
               random_below((h->width_ms > LONGEST ? 1 : 10) * h->width_ms); /* or time runs out */
    case 2:
        return h->last_ms + 1 +
               (random_below(20) || h->width_ms > LONGEST ? 0 : random_below(1000 * h->width_ms));
    default:
        return h->last_ms + 1 + random_below(h->width_ms);
    }
}

static void any_sequence_gives_the_windows_of_the_naive_model(void **unused)
{
    (void)unused;
    for (int run = 0; run < RUNS; run++) {
        struct history h;
        struct model m = {.count = 1};
        uint64_t start = random_below(2) * random_below(100000);
        m.samples[0] =
            (struct sample){.at = start, .live = (float)random_below(2) * (float)random_below(1000)};
        history_init(&h, 7, start, 1 + random_below(50), (double)m.samples[0].live);
        for (int i = 0; i < SAMPLES; i++) {
            float live = (float)random_below(10000);
            model_add(&m, &h, next_time(&h), live - (float)random_below((uint64_t)live + 1), live,
                      live + (float)random_below(5000));
            if (i % 10 == 0 || i == SAMPLES - 1)
                compare_all(&m, &h);
        }
        assert_int_equal(h.site, 7);
    }
}

/* ---- single promises ---- */

static void a_new_history_holds_only_its_start_level(void **unused)
{
    struct history h;
    (void)unused;
    memset(&h, 0xff, sizeof h);
    history_init(&h, 3, 500, 10, 4096);
    assert_int_equal(h.count, 0);
    assert_int_equal(h.open_ms, 500);
    assert_int_equal(h.last_ms, 500);
    assert_true(h.open.low == 4096 && h.open.high == 4096 && h.open.allocated == 0);
    assert_true(h.held_ms == 0 && h.gap_ms == 0 && h.first_flagged_ms == 0 && h.growing == 0);
}

static void the_number_of_closed_windows_is_returned(void **unused)
{
    struct history h;
    (void)unused;
    history_init(&h, 1, 0, 10, 0);
    assert_int_equal(history_add(&h, 9, 1, 1, 1, 1), 0);
    assert_int_equal(history_add(&h, 10, 2, 2, 2, 2), 1); /* a sample at the very end closes it */
    assert_int_equal(history_add(&h, 20, 3, 3, 3, 3), 1);
    assert_int_equal(history_add(&h, 55, 4, 4, 4, 4), 3);
    assert_int_equal(h.count, 5);
}

/* Closed windows beyond the count are leftovers. */
static void assert_same(const struct history *a, const struct history *b)
{
    assert_memory_equal(a, b, offsetof(struct history, closed));
    assert_memory_equal(a->closed, b->closed, a->count * sizeof *a->closed);
}

static void idle_catch_up_equals_feeding_every_window(void **unused)
{
    (void)unused;
    for (int run = 0; run < RUNS; run++) {
        struct history lazy, eager;
        uint64_t now = 0, width = 1 + random_below(20);
        history_init(&lazy, 1, 0, width, 0);
        history_init(&eager, 1, 0, width, 0);
        for (int i = 0; i < 20; i++) {
            uint64_t then = now + 1 + random_below(random_below(2) ? 2000 : 5);
            double live = (double)random_below(1000), low = (double)random_below(1000),
                   allocated = (double)then;
            for (uint64_t t = now + 1; t < then; t++)
                history_add(&eager, t, (double)eager.last_live, (double)eager.last_live,
                            (double)eager.last_live, eager.allocated);
            history_add(&eager, then, live, low, live, allocated);
            history_add(&lazy, then, live, low, live, allocated);
            assert_same(&lazy, &eager);
            now = then;
        }
    }
}

static void merging_loses_no_minimum_and_no_maximum(void **unused)
{
    (void)unused;
    for (uint64_t dip = 2; dip < 3000; dip += 1 + random_below(40)) {
        struct history h;
        history_init(&h, 1, 0, 1, 50);
        for (uint64_t t = 1; t <= 3000; t++)
            history_add(&h, t, 50, t == dip ? 10 : 50, t == dip ? 90 : 50, 0);
        uint32_t at = (uint32_t)((dip - 1) / h.width_ms), lows = 0;
        const struct window *w = at < h.count ? &h.closed[at] : &h.open;
        assert_true(w->low == 10 && w->high == 90);
        for (uint32_t i = 0; i < h.count; i++)
            lows += h.closed[i].low < 50;
        assert_int_equal(lows, at < h.count);
    }
}

static void a_life_is_covered_by_16_to_32_windows_once_it_has_33(void **unused)
{
    struct history h;
    (void)unused;
    history_init(&h, 1, 0, 10, 0);
    for (uint64_t now = 330; now < 1000000; now += 1 + random_below(1 + now / 40)) {
        history_add(&h, now, 1, 1, 1, 1);
        assert_in_range(h.count, 16, 32);
    }
}

static void late_clocks_and_torn_counters_change_nothing(void **unused)
{
    struct history h;
    (void)unused;
    history_init(&h, 1, 100, 10, 0);
    history_add(&h, 125, 50, 50, 50, 500);
    history_add(&h, 110, 60, 60, 60, 400); /* before the last sample, fewer bytes than before */
    assert_int_equal(h.last_ms, 125);
    assert_true(h.allocated == 500 && h.open.allocated == 500);
    history_add(&h, 126, -5, -5, -5, 500);
    assert_true(h.open.low == 0 && h.last_live == 0);
}

/* A month of 10 ms windows is 260 million of them; in one go it took 0.1 us. */
static void catching_up_after_a_month_is_cheap(void **unused)
{
    struct history h;
    clock_t before = clock();
    (void)unused;
    for (int i = 0; i < 10000; i++) {
        history_init(&h, 1, 0, 10, 0);
        history_add(&h, 10, 5, 5, 5, 5);
        history_add(&h, UINT64_C(30) * 86400000, 6, 6, 6, 6);
    }
    assert_true((double)(clock() - before) / CLOCKS_PER_SEC < 1); /* 100 us each: slow machines, ASan */
    assert_in_range(h.count, 16, 32);
    assert_true(h.closed[1].low == 5 && h.open.high == 6);
}

static void a_forged_history_harms_nobody(void **unused)
{
    (void)unused;
    for (int run = 0; run < 20000; run++) {
        struct history h;
        unsigned char *byte = (unsigned char *)&h;
        for (size_t i = 0; i < sizeof h; i++)
            byte[i] = (unsigned char)random_below(256);
        if (random_below(2)) { /* plausible head, forged windows */
            h.count = 16 + (uint32_t)random_below(20);
            h.start_ms = random_below(1000);
            h.width_ms = random_below(3) * 10;
            h.open_ms = h.start_ms + h.count * h.width_ms;
            h.last_ms = h.open_ms + random_below(2000);
        }
        judge(&h, random_below(2));
        history_add(&h, h.last_ms + random_below(1000), 1, 1, 1, 1);
        judge_step(&h);
        assert_true(h.count <= HISTORY_WINDOWS);
    }
}

static void one_writer_at_a_time_and_what_it_does_is_seen_when_it_leaves(void **unused)
{
    struct history h, mine, second, seen;
    (void)unused;
    history_init(&h, 1, 0, 10, 0);
    assert_true(history_enter(&h, &mine));
    assert_false(history_enter(&h, &second));
    history_add(&mine, 5, 7, 7, 7, 7);
    assert_false(history_read(&h, &seen)); /* nobody is told a half-written history is whole */
    assert_int_equal(seen.sequence % 2, 1);
    assert_true(seen.last_live == 0);
    history_leave(&h, &mine);
    assert_true(history_read(&h, &seen));
    assert_int_equal(seen.sequence, h.sequence);
    assert_true(seen.last_live == 7 && seen.open.high == 7 && seen.last_ms == 5 && seen.site == 1);
    assert_true(history_enter(&h, &second));
    assert_true(second.last_live == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_history_holds_only_its_start_level),
        cmocka_unit_test(the_number_of_closed_windows_is_returned),
        cmocka_unit_test(any_sequence_gives_the_windows_of_the_naive_model),
        cmocka_unit_test(idle_catch_up_equals_feeding_every_window),
        cmocka_unit_test(merging_loses_no_minimum_and_no_maximum),
        cmocka_unit_test(a_life_is_covered_by_16_to_32_windows_once_it_has_33),
        cmocka_unit_test(late_clocks_and_torn_counters_change_nothing),
        cmocka_unit_test(catching_up_after_a_month_is_cheap),
        cmocka_unit_test(a_forged_history_harms_nobody),
        cmocka_unit_test(one_writer_at_a_time_and_what_it_does_is_seen_when_it_leaves),
    };
    return cmocka_run_group_tests(tests, start_random, NULL);
}
