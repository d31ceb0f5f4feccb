/* Every verdict and shape, the judge's memory, and how little stack it takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "behaviours.h"
#include "verdict.h"

/* ---- verdicts and shapes ---- */

static void assert_shape(behaviour *live_at, const char *shape)
{
    struct history h = played(live_at);
    struct judgement j = judge(&h, true);
    assert_string_equal(verdict_name(j.verdict), "growing");
    assert_string_equal(shape_name(j.shape), shape);
    assert_false(j.freed_at_end);
}

static void steady_growth_is_linear_and_its_rates_are_right(void **unused)
{
    (void)unused;
    churn_per_tick = 9 * linear(1.0 / TICKS); /* one byte in ten stays */
    struct history h = played(linear);
    struct judgement j = judge(&h, false);
    assert_int_equal(j.verdict, VERDICT_GROWING);
    assert_int_equal(j.shape, SHAPE_LINEAR);
    double per_s = 10 * MIB / (TICKS * TICK_MS / 1000.0);
    assert_true(j.bytes_per_s > 0.95 * per_s && j.bytes_per_s < 1.05 * per_s);
    assert_true(j.bytes_per_byte > 0.095 && j.bytes_per_byte < 0.105);
    assert_true(j.ratio > 1.8 && j.ratio < 2.2);
    assert_true(j.floor_now > 1.9 * j.floor_then && j.floor_now < 2.1 * j.floor_then);
    assert_true(j.held_octaves > 2 && j.confidence > 0.9F);
}

static void growth_has_the_shape_of_its_curve(void **unused)
{
    (void)unused;
    assert_shape(linear, "linear");
    assert_shape(cubic, "accelerating");
    assert_shape(logarithm, "slowing");
    assert_shape(doubling, "steps");
}

static void what_is_loaded_once_is_resident(void **unused)
{
    (void)unused;
    assert_verdict(loaded_at_start, "resident");
    assert_verdict(saturating, "resident");
    assert_verdict(linear_until_40_percent, "resident");
}

static void few_samples_make_a_calm_verdict_less_sure(void **unused)
{
    (void)unused;
    struct history h = played(loaded_at_start);
    double high = (double)h.closed[HISTORY_WINDOWS / 2 + 1].high;
    float exact = judge(&h, true).confidence;
    h.sample_bytes = (uint32_t)(high / 32);
    assert_true(judge(&h, true).confidence >= exact); /* many samples */
    h.sample_bytes = (uint32_t)(high / 8);
    float some = judge(&h, true).confidence;
    h.sample_bytes = (uint32_t)high;
    float one = judge(&h, true).confidence;
    assert_true(some < exact && one < some && one > 0);
    assert_int_equal(judge(&h, true).verdict, VERDICT_RESIDENT);
}

static void a_full_cache_that_turns_over_is_bounded(void **unused)
{
    (void)unused;
    assert_verdict(cache_filled_at_a_fifth, "resident");
    churn_per_tick = MIB / 8;
    assert_verdict(cache_filled_at_a_fifth, "bounded");
}

static void what_comes_and_goes_is_churn_unless_its_trough_rises(void **unused)
{
    (void)unused;
    assert_verdict(sawtooth, "churn");
    assert_verdict(rising_troughs, "growing");
}

static void a_burst_that_was_given_back_is_transient(void **unused)
{
    (void)unused;
    assert_verdict(early_burst, "transient");
    assert_verdict(freed_halfway_then_idle, "transient");
}

static void a_curve_that_saturates_does_not_grow_though_it_still_rises(void **unused)
{
    (void)unused;
    assert_verdict(saturating_slowly, "resident");
}

static void a_single_rise_is_no_trend(void **unused)
{
    (void)unused;
    assert_verdict(loaded_again_at_70_percent, "resident");
}

static void a_climb_that_is_over_does_not_grow(void **unused)
{
    (void)unused;
    assert_verdict(resident_that_grew_until_60_percent, "resident");
}

static void a_floor_that_rises_less_than_the_lows_wander_does_not_grow(void **unused)
{
    (void)unused;
    assert_verdict(waves, "bounded");
}

static void fewer_than_16_windows_are_undecided(void **unused)
{
    struct history h = {0};
    (void)unused;
    play(&h, linear, 0, 15);
    assert_int_equal(h.count, 15);
    assert_int_equal(judge(&h, false).verdict, VERDICT_UNDECIDED);
    play(&h, linear, 15, 16);
    assert_int_not_equal(judge(&h, false).verdict, VERDICT_UNDECIDED);
}

static void a_site_that_is_empty_at_every_tick_is_churn(void **unused)
{
    struct history h;
    (void)unused;
    history_init(&h, 1, 0, TICK_MS, 0);
    play(&h, nothing_at_any_tick, 0, TICKS);
    assert_int_equal(judge(&h, true).verdict, VERDICT_CHURN);
}

static void names_are_those_of_the_report(void **unused)
{
    (void)unused;
    assert_string_equal(verdict_name(VERDICT_UNDECIDED), "undecided");
    assert_string_equal(verdict_name(VERDICT_GROWING), "growing");
    assert_string_equal(verdict_name(VERDICT_RESIDENT), "resident");
    assert_string_equal(verdict_name(VERDICT_BOUNDED), "bounded");
    assert_string_equal(verdict_name(VERDICT_CHURN), "churn");
    assert_string_equal(verdict_name(VERDICT_TRANSIENT), "transient");
    assert_non_null(verdict_name((enum verdict)99));
    assert_null(shape_name(SHAPE_NONE));
    assert_null(shape_name((enum shape)99));
}

/* ---- the memory ---- */

/* A linear history whose spell began at age / times ago, with a gap since age / gap_times (0: none). */
static struct history remembered(double times, double gap_times)
{
    struct history h = played(linear);
    double age = (double)h.last_ms;
    h.held_ms = (uint64_t)(age / times) + 1;
    h.gap_ms = gap_times > 0 ? (uint64_t)(age / gap_times) + 1 : 0;
    h.growing = 0;
    h.first_flagged_ms = 0;
    return h;
}

static void growth_is_flagged_once_it_held_for_a_fifth_of_the_age(void **unused)
{
    struct history young = remembered(1.15, 0), old = remembered(1.25, 0);
    (void)unused;
    assert_false(judge_step(&young));
    assert_int_equal(young.growing, 0);
    assert_int_not_equal(judge(&young, false).verdict, VERDICT_GROWING);
    assert_true(judge_step(&old));
    assert_int_equal(old.growing, 1);
    assert_int_equal(old.first_flagged_ms, old.last_ms + 1);
    assert_int_equal(judge(&old, false).verdict, VERDICT_GROWING);
    assert_false(judge_step(&old)); /* it has not just turned: it is */
}

static void a_gap_below_6_percent_of_the_age_is_forgiven(void **unused)
{
    struct history brief = remembered(1.25, 1.05), lasting = remembered(1.25, 1.07);
    (void)unused;
    assert_true(judge_step(&brief));
    assert_int_equal(brief.gap_ms, 0);
    assert_false(judge_step(&lasting));
    assert_int_equal(lasting.held_ms, lasting.last_ms + 1); /* a new spell begins */
    assert_int_equal(lasting.gap_ms, 0);
}

static void a_gap_begins_once_and_takes_the_flag_away(void **unused)
{
    struct history h = played(linear);
    (void)unused;
    uint64_t flagged = h.first_flagged_ms;
    assert_int_equal(h.growing, 1);
    history_add(&h, h.last_ms * 2, 1, 1, 1, h.allocated);
    judge_step(&h);
    uint64_t gap = h.gap_ms;
    assert_int_equal(gap, h.last_ms + 1);
    assert_int_equal(h.growing, 0);
    history_add(&h, h.last_ms + h.width_ms, 1, 1, 1, h.allocated);
    judge_step(&h);
    assert_int_equal(h.gap_ms, gap);
    assert_int_equal(h.first_flagged_ms, flagged);
}

static void growth_that_ended_is_taken_back_at_twice_its_age(void **unused)
{
    struct history h = {0};
    (void)unused;
    play(&h, linear_until_40_percent, 0, TICKS / 2);
    assert_int_equal(judge(&h, false).verdict, VERDICT_GROWING);
    play(&h, linear_until_40_percent, TICKS / 2, TICKS);
    assert_int_equal(judge(&h, false).verdict, VERDICT_RESIDENT);
}

/* ---- the stack ---- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define STACK_IS_OURS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STACK_IS_OURS 0
#endif
#endif
#ifndef STACK_IS_OURS
#define STACK_IS_OURS 1
#endif

enum { STACK_BYTES = 65536, STACK_MOST = 512 };
static unsigned char stack[STACK_BYTES];
static ucontext_t outside, inside;
static struct history on_stack;

static void nothing(void)
{
}

static void step(void)
{
    uint32_t closed = 0;
    while (!closed) /* the first one halves the history */
        closed = history_add(&on_stack, on_stack.last_ms + on_stack.width_ms, 1e9, 1e9, 1e9, 1e10);
    judge_step(&on_stack);
}

/* Bytes of a painted stack that a call changed. */
static size_t stack_of(void (*call)(void))
{
    size_t untouched = 0;
    memset(stack, 0xa5, sizeof stack);
    getcontext(&inside);
    inside.uc_stack.ss_sp = stack;
    inside.uc_stack.ss_size = sizeof stack;
    inside.uc_link = &outside;
    makecontext(&inside, call, 0);
    swapcontext(&outside, &inside);
    while (untouched < sizeof stack && stack[untouched] == 0xa5)
        untouched++;
    return sizeof stack - untouched;
}

static void a_tick_with_its_judgement_takes_less_than_512_bytes_of_stack(void **unused)
{
    (void)unused;
    if (!STACK_IS_OURS)
        skip();
    on_stack = played(linear);
    size_t bytes = stack_of(step) - stack_of(nothing);
    print_message("%zu bytes of stack\n", bytes);
    assert_true(bytes > 0 && bytes <= STACK_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(steady_growth_is_linear_and_its_rates_are_right, no_churn),
        cmocka_unit_test_setup(growth_has_the_shape_of_its_curve, no_churn),
        cmocka_unit_test_setup(what_is_loaded_once_is_resident, no_churn),
        cmocka_unit_test_setup(few_samples_make_a_calm_verdict_less_sure, no_churn),
        cmocka_unit_test_setup(a_full_cache_that_turns_over_is_bounded, no_churn),
        cmocka_unit_test_setup(what_comes_and_goes_is_churn_unless_its_trough_rises, no_churn),
        cmocka_unit_test_setup(a_burst_that_was_given_back_is_transient, no_churn),
        cmocka_unit_test_setup(a_curve_that_saturates_does_not_grow_though_it_still_rises, no_churn),
        cmocka_unit_test_setup(a_single_rise_is_no_trend, no_churn),
        cmocka_unit_test_setup(a_climb_that_is_over_does_not_grow, no_churn),
        cmocka_unit_test_setup(a_floor_that_rises_less_than_the_lows_wander_does_not_grow, no_churn),
        cmocka_unit_test_setup(fewer_than_16_windows_are_undecided, no_churn),
        cmocka_unit_test_setup(a_site_that_is_empty_at_every_tick_is_churn, no_churn),
        cmocka_unit_test(names_are_those_of_the_report),
        cmocka_unit_test_setup(growth_is_flagged_once_it_held_for_a_fifth_of_the_age, no_churn),
        cmocka_unit_test_setup(a_gap_below_6_percent_of_the_age_is_forgiven, no_churn),
        cmocka_unit_test_setup(a_gap_begins_once_and_takes_the_flag_away, no_churn),
        cmocka_unit_test_setup(growth_that_ended_is_taken_back_at_twice_its_age, no_churn),
        cmocka_unit_test_setup(a_tick_with_its_judgement_takes_less_than_512_bytes_of_stack, no_churn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
