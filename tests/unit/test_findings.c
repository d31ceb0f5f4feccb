/* From an invented ledger to what the user is told: sums, verdicts, thresholds, order. */
#include "findings.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ledger_build.h"

static double slow(double s)
{
    return s * 10e3;
}
static double fast(double s)
{
    return s * 100e3;
}
static double flat(double s)
{
    return s < 5 ? s * 200e3 : 1e6;
}
static double tiny(double s)
{
    return s * 1e3; /* 60,000 bytes at the end: below 64 KiB */
}
static double drained(double s)
{
    return s < 59.8 ? s * 50e3 : 0;
}

struct case_of {
    struct build build;
    struct ledger ledger;
    struct process process;
    struct findings findings;
};

static uint32_t site_with(struct build *b, double (*level)(double))
{
    uint32_t site = build_site(b, build_node(b, 0, 1, 0x1000 + 16 * b->head->area[AREA_SITES].used, 0));
    build_history(b, site, level, 0);
    return site;
}

static void judge_all(struct case_of *c, bool small)
{
    char why[256];
    assert_int_equal(ledger_view(&c->ledger, c->build.bytes, c->build.size, why, sizeof why), 0);
    struct ledger_header head = ledger_head(&c->ledger);
    c->process = process_of(&head);
    assert_int_equal(findings_of(&c->findings, &c->ledger, &head, &c->process, small), 0);
}

static void clean(struct case_of *c)
{
    findings_free(&c->findings);
    build_free(&c->build);
}

static void growing_come_first_and_worst_first(void **state)
{
    struct case_of c = {.build = build_new()};
    (void)state;
    build_module(&c.build, "/usr/bin/myserver");
    uint32_t calm = site_with(&c.build, flat), mild = site_with(&c.build, slow),
             bad = site_with(&c.build, fast);
    judge_all(&c, false);
    assert_int_equal(c.findings.count, 3);
    assert_int_equal(c.findings.growing, 2);
    assert_int_equal(c.findings.items[0].site, bad);
    assert_int_equal(c.findings.items[1].site, mild);
    assert_int_equal(c.findings.items[2].site, calm);
    assert_int_equal(c.findings.items[2].verdict, VERDICT_RESIDENT);
    assert_true(fabs(c.findings.bytes_per_s - 110e3) < 10e3);
    assert_int_equal(c.findings.totals.sites, 3);
    assert_int_equal(c.findings.totals.live_bytes, 600000 + 6000000 + 1000000);
    assert_true(fabs(c.findings.items[0].live_bytes - 6e6) < 1e4);
    assert_true(fabs(c.findings.items[0].peak_bytes - 6e6) < 1e4);
    clean(&c);
}

static void small_sites_are_never_held_against_anyone(void **state)
{
    struct case_of c = {.build = build_new()};
    (void)state;
    uint32_t site = site_with(&c.build, tiny);
    judge_all(&c, false);
    assert_int_equal(c.findings.count, 0);
    findings_free(&c.findings);
    judge_all(&c, true);
    assert_int_equal(c.findings.count, 1);
    assert_int_equal(c.findings.growing, 0);
    assert_true(c.findings.items[0].small && c.findings.items[0].site == site);
    findings_free(&c.findings);
    c.build.head->min_bytes = 1024;
    judge_all(&c, false);
    assert_int_equal(c.findings.growing, 1);
    clean(&c);
}

static void suppressed_growth_is_behind_the_other_and_not_counted(void **state)
{
    struct case_of c = {.build = build_new()};
    (void)state;
    uint32_t mild = site_with(&c.build, slow), bad = site_with(&c.build, fast);
    judge_all(&c, false);
    c.findings.items[0].suppressed = true;
    findings_sort(&c.findings);
    assert_int_equal(c.findings.growing, 1);
    assert_int_equal(c.findings.items[0].site, mild);
    assert_int_equal(c.findings.items[1].site, bad);
    assert_true(fabs(c.findings.bytes_per_s - 10e3) < 1e3);
    clean(&c);
}

static void what_is_freed_on_the_way_out_was_growing(void **state)
{
    struct case_of c = {.build = build_new()};
    (void)state;
    site_with(&c.build, drained); /* inside main */
    uint32_t site = site_with(&c.build, fast);
    struct site *s = build_site_at(&c.build, site); /* by a destructor: histories are frozen then */
    s->freed_bytes = s->allocated_bytes;
    s->frees = s->allocations;
    judge_all(&c, false);
    assert_int_equal(c.findings.growing, 2);
    for (int i = 0; i < 2; i++) {
        assert_true(c.findings.items[i].freed_at_end);
        assert_int_equal(c.findings.items[i].sums.live_bytes, 0);
        assert_true(c.findings.items[i].live_bytes > 2.5e6);
    }
    clean(&c);
}

static void killed_process_is_judged_by_its_last_counts(void **state)
{
    struct case_of c = {.build = build_new()};
    (void)state;
    c.build.head->ended = ENDED_NOT;
    c.build.head->exit_began_ms = c.build.head->ended_ms = 0;
    uint32_t site = site_with(&c.build, fast), block = build_block(&c.build);
    struct counter *counter = build_counter(&c.build, block, site);
    counter->allocs = 1;
    counter->alloc_bytes = 500000; /* since the last sample */
    judge_all(&c, false);
    assert_int_equal(c.process.end, PROCESS_KILLED);
    assert_false(c.process.alive);
    assert_int_equal(c.findings.growing, 1);
    assert_true(fabs(c.findings.items[0].live_bytes - 6.5e6) < 1e4);
    clean(&c);
}

static void site_without_a_history_is_resident_if_it_holds_much(void **state)
{
    struct case_of c = {.build = build_new()};
    (void)state;
    uint32_t site = build_site(&c.build, build_node(&c.build, 0, 1, 0x1000, 0));
    build_site_at(&c.build, site)->allocations = 1;
    build_site_at(&c.build, site)->allocated_bytes = 1 << 20;
    build_site_at(&c.build, 0)->allocated_bytes = 1 << 19; /* (untracked) */
    build_site_at(&c.build, 0)->allocations = 1;
    judge_all(&c, false);
    assert_int_equal(c.findings.count, 2);
    assert_int_equal(c.findings.items[0].verdict, VERDICT_RESIDENT);
    assert_int_equal(c.findings.items[1].site, 0);
    clean(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growing_come_first_and_worst_first),
        cmocka_unit_test(small_sites_are_never_held_against_anyone),
        cmocka_unit_test(suppressed_growth_is_behind_the_other_and_not_counted),
        cmocka_unit_test(what_is_freed_on_the_way_out_was_growing),
        cmocka_unit_test(killed_process_is_judged_by_its_last_counts),
        cmocka_unit_test(site_without_a_history_is_resident_if_it_holds_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
