/* What a program told, from an invented ledger of 60 s: phases that are left and the one that is not, growth
 * of a site shared out to them, and what a forged head may say. */
#include "marks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ledger_build.h"

#define END_MS 60000

/* Flat, then 2 MB in 20 s, then flat. */
static double climbs_from_20_to_40(double s)
{
    return s < 20 ? 1e5 : s < 40 ? 1e5 + (s - 20) * 1e5 : 2.1e6;
}

struct case_of {
    struct build build;
    struct ledger ledger;
    struct ledger_header head;
    struct findings findings;
    struct marks marks;
    uint32_t site;
};

static struct case_of new_case(void)
{
    struct case_of c = {.build = build_new()};
    c.site = build_site(&c.build, build_node(&c.build, 0, 1, 0x1000, 0));
    build_history(&c.build, c.site, climbs_from_20_to_40, 0);
    return c;
}

/* As the recorder does it: who leaves adds, who enters subtracts. */
static void enter(struct build *b, uint32_t before, uint32_t phase, uint64_t ms, int64_t live)
{
    struct ledger_header *head = b->head;
    head->phases[before].ms += (int64_t)ms;
    head->phases[before].live_bytes += live;
    head->phases[phase].ms -= (int64_t)ms;
    head->phases[phase].live_bytes -= live;
    head->phases[phase].times++;
    head->changes[head->changes_begun++ % LEDGER_CHANGES] = ms << CHANGE_SHIFT | phase;
    head->changes_done++;
}

static void look(struct case_of *c)
{
    char why[256];
    assert_int_equal(ledger_view(&c->ledger, c->build.bytes, c->build.size, why, sizeof why), 0);
    c->head = ledger_head(&c->ledger);
    struct process process = process_of(&c->head);
    assert_int_equal(findings_of(&c->findings, &c->ledger, &c->head, &process, KEEP_LIVE), 0);
    c->marks = marks_of(&c->ledger, &c->head, END_MS, (double)c->findings.totals.live_bytes);
}

static void clean(struct case_of *c)
{
    findings_free(&c->findings);
    build_free(&c->build);
}

static void nothing_told_is_nothing(void **state)
{
    struct case_of c = new_case();
    double growth[LEDGER_MARKS];
    (void)state;
    look(&c);
    assert_int_equal(c.marks.phases_count, 0);
    assert_int_equal(c.marks.threads_count, 0);
    assert_false(marks_growth(&c.marks, &c.findings.items[0], END_MS, growth));
    clean(&c);
}

static void phases_add_up_and_the_last_one_lasts(void **state)
{
    struct case_of c = new_case();
    (void)state;
    c.build.head->phases[1].name = build_text(&c.build, "serve");
    c.build.head->phases[2].name = build_text(&c.build, "wait");
    enter(&c.build, 0, 1, 19000, 100000);
    enter(&c.build, 1, 2, 41000, 2000000);
    enter(&c.build, 2, 1, 50000, 2050000);
    look(&c);
    const struct phase *p = c.marks.phases;
    assert_int_equal(c.marks.phases_count, 3);
    assert_string_equal(p[0].name, "");
    assert_int_equal(p[0].ms, 19000);
    assert_string_equal(p[1].name, "serve");
    assert_int_equal(p[1].times, 2);
    assert_int_equal(p[1].ms, 22000 + 10000);
    assert_true(fabs(p[1].live_bytes - 1950000) < 1e3); /* 1,900,000, then 50,000 until the end */
    assert_int_equal(p[2].ms, 9000);
    assert_true(fabs(p[2].live_bytes - 50000) < 1);
    assert_false(c.marks.torn);
    clean(&c);
}

static void growth_is_in_the_phase_that_it_was_in(void **state)
{
    struct case_of c = new_case();
    double growth[LEDGER_MARKS];
    (void)state;
    enter(&c.build, 0, 1, 19000, 0);
    enter(&c.build, 1, 2, 30000, 0);
    enter(&c.build, 2, 0, 41000, 0);
    look(&c);
    assert_true(marks_growth(&c.marks, &c.findings.items[0], END_MS, growth));
    assert_true(fabs(growth[0]) < 0.15e6); /* a window is 2 s, and 0.2 MB, wide */
    assert_true(fabs(growth[1] - 1e6) < 0.25e6);
    assert_true(fabs(growth[2] - 1e6) < 0.25e6);
    double gained = c.findings.items[0].live_bytes - c.findings.items[0].from_bytes;
    assert_true(fabs(growth[0] + growth[1] + growth[2] - gained) < 10);
    clean(&c);
}

static void of_many_changes_only_the_last_are_known(void **state)
{
    struct case_of c = new_case();
    double growth[LEDGER_MARKS];
    (void)state;
    for (uint64_t i = 0; i < 50; i++) {
        enter(&c.build, 2, 1, 1000 + i, 0);
        enter(&c.build, 1, 2, 1000 + i, 0);
    }
    look(&c);
    assert_int_equal(c.marks.changes_count, LEDGER_CHANGES);
    assert_int_equal(c.marks.since_ms, 1018);
    assert_false(marks_growth(&c.marks, &c.findings.items[0], END_MS, growth));
    assert_int_equal(c.marks.phases[1].times, 50);
    clean(&c);
}

static void a_death_inside_a_change_is_told(void **state)
{
    struct case_of c = new_case();
    (void)state;
    enter(&c.build, 0, 1, 1000, 0);
    c.build.head->changes_begun++;
    look(&c);
    assert_true(c.marks.torn);
    clean(&c);
}

static void what_was_excluded_is_no_site(void **state)
{
    struct case_of c = new_case();
    (void)state;
    c.build.head->excluded[SITE_HEAP] = c.site;
    look(&c);
    assert_int_equal(c.findings.count, 0);
    assert_int_equal(c.findings.totals.sites, 0);
    assert_int_equal(c.findings.totals.excluded_live_bytes, 2100000);
    assert_int_equal(c.findings.totals.live_bytes, 2100000);
    clean(&c);
}

static void forged_numbers_are_only_values(void **state)
{
    struct case_of c = new_case();
    double growth[LEDGER_MARKS];
    (void)state;
    memset(c.build.head->phases, 0xff, sizeof c.build.head->phases);
    memset(c.build.head->threads, 0xff, sizeof c.build.head->threads);
    memset(c.build.head->changes, 0xff, sizeof c.build.head->changes);
    c.build.head->changes_begun = UINT32_MAX;
    look(&c);
    assert_int_equal(c.marks.phases_count, LEDGER_MARKS);
    for (uint32_t i = 0; i < LEDGER_MARKS; i++) {
        assert_string_equal(c.marks.phases[i].name, "");
        assert_true(c.marks.phases[i].ms <= END_MS);
    }
    assert_int_equal(c.marks.threads_count, LEDGER_MARKS - 1);
    assert_false(marks_growth(&c.marks, &c.findings.items[0], END_MS, growth));
    clean(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_told_is_nothing),
        cmocka_unit_test(phases_add_up_and_the_last_one_lasts),
        cmocka_unit_test(growth_is_in_the_phase_that_it_was_in),
        cmocka_unit_test(of_many_changes_only_the_last_are_known),
        cmocka_unit_test(a_death_inside_a_change_is_told),
        cmocka_unit_test(what_was_excluded_is_no_site),
        cmocka_unit_test(forged_numbers_are_only_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
