/* The end of a run: what is freed by the program's clean-up is not held against the verdict, and a
 * sawtooth or a burst gains nothing by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "behaviours.h"
#include "verdict.h"

static void assert_freed_at_end(behaviour *live_at)
{
    struct history h = played(live_at);
    struct judgement j = judge(&h, true);
    assert_int_equal(j.verdict, VERDICT_GROWING);
    assert_true(j.freed_at_end);
    assert_int_not_equal(judge(&h, false).verdict, VERDICT_GROWING); /* alive, it may be a tooth */
}

static void a_leak_that_is_freed_at_the_end_of_main_stays_growing(void **unused)
{
    (void)unused;
    assert_freed_at_end(linear_freed);
    assert_freed_at_end(doubling_freed);
    assert_freed_at_end(rising_troughs_freed);
}

static void what_did_not_grow_keeps_its_verdict_when_it_is_freed_at_the_end(void **unused)
{
    (void)unused;
    assert_verdict(loaded_and_freed, "resident");
    churn_per_tick = MIB / 8;
    assert_verdict(cache_and_freed, "bounded");
}

static void a_drain_of_up_to_a_sixteenth_of_the_run_is_recognized_at_any_moment(void **unused)
{
    (void)unused;
    for (int end = 64; end <= 256; end++) {
        for (int length = 1; length * 16 <= end; length++) {
            struct history h = {0};
            play(&h, linear, 0, end - length);
            double level = (double)h.last_live;
            for (int i = length - 1; i >= 0; i--) {
                double live = level * i / length;
                if (history_add(&h, h.last_ms + TICK_MS, live, live, live, h.allocated))
                    judge_step(&h);
            }
            assert_int_equal(judge(&h, true).verdict, VERDICT_GROWING);
        }
    }
}

static void the_last_tooth_of_a_sawtooth_is_no_drain(void **unused)
{
    (void)unused;
    assert_verdict(three_teeth, "churn");
    for (int end = 150; end <= 256; end++) { /* wherever in a tooth the run ends */
        struct history h = {0};
        play(&h, sawtooth, 0, end);
        assert_false(judge(&h, true).freed_at_end);
    }
}

static void a_burst_in_the_last_third_is_transient_when_freed_at_the_end(void **unused)
{
    (void)unused;
    assert_verdict(late_burst_freed, "transient");
}

static void growth_after_a_fall_is_no_drain(void **unused)
{
    struct history h = played(linear_freed);
    (void)unused;
    assert_int_equal(judge(&h, true).verdict, VERDICT_GROWING);
    history_add(&h, h.last_ms + 1, 6 * MIB, 6 * MIB, 6 * MIB, h.allocated + 6 * MIB);
    assert_int_not_equal(judge(&h, true).verdict, VERDICT_GROWING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_leak_that_is_freed_at_the_end_of_main_stays_growing, no_churn),
        cmocka_unit_test_setup(what_did_not_grow_keeps_its_verdict_when_it_is_freed_at_the_end, no_churn),
        cmocka_unit_test_setup(a_drain_of_up_to_a_sixteenth_of_the_run_is_recognized_at_any_moment, no_churn),
        cmocka_unit_test_setup(the_last_tooth_of_a_sawtooth_is_no_drain, no_churn),
        cmocka_unit_test_setup(a_burst_in_the_last_third_is_transient_when_freed_at_the_end, no_churn),
        cmocka_unit_test_setup(growth_after_a_fall_is_no_drain, no_churn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
