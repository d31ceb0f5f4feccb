/* Sums of histories: what two sites held together, whoever of them held it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lens_sum.h"
#include "verdict.h"

#define MS_A_TICK 100
#define TICKS     200
#define MIB       (1024.0 * 1024)

typedef double level_at(double t); /* bytes at t in 0..1 of the run */

static struct history played(level_at *live, int first_tick)
{
    struct history h;
    history_init(&h, 1, (uint64_t)first_tick * MS_A_TICK, MS_A_TICK, 0);
    for (int tick = first_tick + 1; tick <= TICKS; tick++) {
        double bytes = live((double)tick / TICKS);
        if (history_add(&h, (uint64_t)tick * MS_A_TICK, bytes, bytes, bytes, 0) > 0)
            judge_step(&h);
    }
    return h;
}

static double rising(double t)
{
    return t * 10 * MIB;
}

static double falling(double t)
{
    return (1 - t) * 10 * MIB;
}

/* Full every fortieth of the run, then nearly empty again. */
static double sawtooth(double t)
{
    double phase = t * 40 - (double)(int)(t * 40);
    return MIB + phase * 8 * MIB;
}

static double climbing_sawtooth(double t)
{
    return sawtooth(t) + t * 20 * MIB;
}

static struct judgement verdict_on(const struct history *a, const struct history *b)
{
    struct summand items[] = {{a, (double)a->last_live}, {b, b ? (double)b->last_live : 5 * MIB}};
    struct history sum;
    lens_sum(&sum, items, 2, TICKS * MS_A_TICK);
    return judge(&sum, false);
}

static void one_rises_as_the_other_falls(void **unused)
{
    (void)unused;
    struct history a = played(rising, 0), b = played(falling, 0);
    assert_int_equal(judge(&a, false).verdict, VERDICT_GROWING);
    assert_int_not_equal(verdict_on(&a, &b).verdict, VERDICT_GROWING);
}

static void both_rise_and_one_began_late(void **unused)
{
    (void)unused;
    struct history a = played(rising, 0), b = played(rising, TICKS / 3);
    struct judgement j = verdict_on(&a, &b);
    assert_int_equal(j.verdict, VERDICT_GROWING);
    double per_s = 20 * MIB / (TICKS * MS_A_TICK / 1000.0);
    assert_true(j.bytes_per_s > per_s / 2 && j.bytes_per_s < per_s * 1.5);
}

static void sawtooth_is_judged_by_its_trough(void **unused)
{
    (void)unused;
    struct history level = played(sawtooth, 0), climbs = played(climbing_sawtooth, 0);
    assert_int_not_equal(verdict_on(&level, NULL).verdict, VERDICT_GROWING);
    assert_int_equal(verdict_on(&climbs, NULL).verdict, VERDICT_GROWING);
}

static void site_without_history_is_level(void **unused)
{
    (void)unused;
    struct summand item = {NULL, 3 * MIB};
    struct history sum;
    lens_sum(&sum, &item, 1, TICKS * MS_A_TICK);
    assert_true((double)sum.last_live > 2.99 * MIB && (double)sum.last_live < 3.01 * MIB);
    assert_int_not_equal(judge(&sum, false).verdict, VERDICT_GROWING);
}

static void forged_histories_cannot_lead_astray(void **unused)
{
    (void)unused;
    struct history wild = {.start_ms = UINT64_MAX - 5, .open_ms = 3, .width_ms = 0, .count = UINT32_MAX};
    struct summand item = {&wild, -1};
    struct history sum;
    lens_sum(&sum, &item, 1, UINT64_MAX);
    wild.start_ms = 0;
    wild.width_ms = UINT64_MAX / 2;
    lens_sum(&sum, &item, 1, UINT64_MAX - 1);
    lens_sum(&sum, NULL, 0, 0);
    assert_true(sum.count <= HISTORY_WINDOWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_rises_as_the_other_falls),
        cmocka_unit_test(both_rise_and_one_began_late),
        cmocka_unit_test(sawtooth_is_judged_by_its_trough),
        cmocka_unit_test(site_without_history_is_level),
        cmocka_unit_test(forged_histories_cannot_lead_astray),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
