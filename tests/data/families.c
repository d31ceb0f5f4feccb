/* Families that the rule was tuned on, and those held out: README.md says what each stands for. */
#include <stddef.h>

#include "moves.h"

/* ---- families that grow ---- */

static void linear(struct stream *s, double x, double dx)
{
    (void)x;
    leak(s, 0, s->objects * dx);
}

/* p0: objects of traffic; p1: turns */
static void start_traffic(struct stream *s)
{
    s->p[0] = s->objects * log_between(s, 0.05, 0.7) * s->group[0].size / s->group[1].size;
    s->p[1] = turns(s);
}

static void noisy(struct stream *s, double x, double dx)
{
    linear(s, x, dx);
    follow(s, 1, s->p[0], s->p[1], dx);
}

/* One in a hundred stays. */
static void start_under_churn(struct stream *s)
{
    s->group[1] = s->group[0];
    s->p[1] = turns(s);
    s->p[0] = 99 * s->objects / s->p[1];
}

static void start_doubling(struct stream *s)
{
    s->p[0] = uniform(s) < 0.5 ? 2 : 1.5;
    s->objects = log_between(s, 1e5, 1e8);
}

static void doubling(struct stream *s, double x, double dx)
{
    double used = s->objects * (x + dx), room = s->block;
    if (room == 0)
        room = s->objects * log_between(s, 1e-4, 1e-3);
    while (room < used)
        room *= s->p[0];
    if (room > s->block)
        resize(s, room);
}

static void start_chunks(struct stream *s)
{
    s->p[0] = whole_between(s, 20, 300);
    s->p[1] = log_between(s, 4096, 1 << 20);
}

/* An array enlarged by a fixed piece. */
static void chunks(struct stream *s, double x, double dx)
{
    double pieces = floor(s->p[0] * (x + dx)) + 1;
    if (pieces * s->p[1] > s->block)
        resize(s, pieces * s->p[1]);
}

/* Heaps' law: n keys drawn after Zipf with exponent a have n^(1/a) different ones. */
static void start_power(struct stream *s)
{
    s->p[0] = 1 / between(s, 1.1, 1.8);
}

static void start_root(struct stream *s)
{
    s->p[0] = between(s, 0.4, 0.6);
}

static void power(struct stream *s, double x, double dx)
{
    leak(s, 0, s->objects * power_step(s->p[0], x, dx));
}

static void start_accelerating(struct stream *s)
{
    s->p[0] = between(s, 1.3, 3.5);
}

static void start_logarithm(struct stream *s)
{
    s->p[0] = log_between(s, 20, 500);
}

static void logarithm(struct stream *s, double x, double dx)
{
    double k = s->p[0];
    leak(s, 0, s->objects * log((1 + k * (x + dx)) / (1 + k * x)) / log(1 + k));
}

static void start_steps(struct stream *s)
{
    s->p[0] = whole_between(s, 12, 60);
}

static void steps(struct stream *s, double x, double dx)
{
    if (comes_evenly(s, x, dx, s->p[0]))
        put(s, 0, floor(s->objects / s->p[0] * between(s, 0.8, 1.2)) + 1);
}

static void start_kept_bursts(struct stream *s)
{
    s->p[0] = whole_between(s, 20, 80);
    s->p[1] = between(s, 0.2, 0.8);
}

static void kept_bursts(struct stream *s, double x, double dx)
{
    if (comes(s, x, dx, s->p[0]))
        put(s, 0, floor(s->objects / s->p[0] * exp(s->p[1] * normal(s))) + 1);
}

/* p0: blocks in the site's time, one a minute. */
static void start_minute(struct stream *s)
{
    s->p[0] = (s->length_ms - s->begin_ms) / 60e3;
    s->group[0].size = log_between(s, 4096, 1 << 18);
    s->group[0].takes = takes(s, s->group[0].size);
}

static void minute(struct stream *s, double x, double dx)
{
    if (comes_evenly(s, x, dx, s->p[0]))
        put(s, 0, 1);
}

static void start_late(struct stream *s)
{
    start_traffic(s);
    s->from = between(s, 0.05, 0.5);
}

static void late(struct stream *s, double x, double dx)
{
    follow(s, 1, s->p[0], s->p[1], dx);
    if (x >= s->from)
        leak(s, 0, s->objects * dx);
}

static void start_on_off(struct stream *s)
{
    s->p[0] = whole_between(s, 5, 30);
    s->p[1] = between(s, 0.2, 0.7);
    s->p[2] = uniform(s);
}

static void on_off(struct stream *s, double x, double dx)
{
    double cycle = s->p[0] * x + s->p[2];
    if (cycle - floor(cycle) < s->p[1])
        leak(s, 0, s->objects / s->p[1] * dx);
}

/* p2: periods; p3: phase; p4: height of the wave */
static void start_wave(struct stream *s)
{
    start_traffic(s);
    s->p[2] = log_between(s, 4, 40);
    s->p[3] = uniform(s);
    s->p[4] = between(s, 0.3, 0.95);
}

static void leak_under_wave(struct stream *s, double x, double dx)
{
    double load = 1 + s->p[4] * wave(s->p[2], s->p[3], x);
    follow(s, 1, s->p[0] * load, s->p[1], dx);
    leak(s, 0, s->objects * load * dx);
}

/* Work comes faster than it is done. */
static void start_backlog(struct stream *s)
{
    s->p[0] = log_between(s, 0.02, 0.5); /* share that stays behind */
    s->p[1] = turns(s);
}

static void backlog(struct stream *s, double x, double dx)
{
    double waiting = s->objects * (x + dx), done = s->objects * dx * (1 / s->p[0] - 1);
    replace(s, 0, fmin(done, waiting));
    leak(s, 0, s->objects * dx);
}

/* p0: teeth; p1: objects of one; p2: share of a tooth that stays */
static void start_teeth(struct stream *s)
{
    s->p[0] = log_between(s, 12, 150);
    s->p[1] = s->objects / between(s, 1, 8);
    s->p[2] = uniform(s);
}

static void teeth(struct stream *s, int group, double x, double dx)
{
    double tooth = s->p[0] * (x + dx) + s->p[2];
    if (floor(tooth) > floor(s->p[0] * x + s->p[2]))
        drop(s, group, s->group[group].live);
    put(s, group, poisson(s, s->p[1] * s->p[0] * dx));
}

static void leaking_teeth(struct stream *s, double x, double dx)
{
    teeth(s, 1, x, dx);
    linear(s, x, dx);
}

/* p3: share at which main begins to free everything; p4: and has */
static void start_drain(struct stream *s)
{
    start_traffic(s);
    s->p[3] = 1 - between(s, 0.003, 0.02);
    s->p[4] = s->p[3] + (1 - s->p[3]) * between(s, 0.2, 0.9);
}

static void drain(struct stream *s, double x, double dx)
{
    double share = fmin(1, dx / fmax(s->p[4] - x, dx));
    for (int i = 0; i < GROUPS; i++)
        drop(s, i, ceil(s->group[i].live * share));
}

static void drained_leak(struct stream *s, double x, double dx)
{
    if (x < s->p[3])
        noisy(s, x, dx);
    else
        drain(s, x, dx);
}

/* ---- families that do not ---- */

static void start_churn(struct stream *s)
{
    s->p[1] = turns(s);
    s->settled = fmin(0.1, 3 / s->p[1]);
}

static void churn(struct stream *s, double x, double dx)
{
    (void)x;
    follow(s, 0, s->objects, s->p[1], dx);
}

static void start_daily(struct stream *s)
{
    start_wave(s);
    s->settled = 1.25 / s->p[2]; /* one whole period has been seen */
}

static void daily(struct stream *s, double x, double dx)
{
    follow(s, 0, s->objects * (1 + s->p[4] * wave(s->p[2], s->p[3], x)), s->p[1], dx);
}

/* p0: allocations in the site's time */
static void start_lru(struct stream *s)
{
    s->settled = log_between(s, 0.01, 0.35);
    s->p[0] = s->objects / s->settled;
}

static void lru(struct stream *s, double x, double dx)
{
    (void)x;
    cache(s, 0, s->objects, s->p[0], dx);
}

/* p1: share at which it is enlarged; p2: how many times */
static void start_lru_enlarged(struct stream *s)
{
    double fill = log_between(s, 0.01, 0.1);
    s->p[0] = s->objects / fill;
    s->p[1] = between(s, 0.12, 0.35);
    s->p[2] = between(s, 1.2, 2);
    s->settled = s->p[1] + fill * (s->p[2] - 1);
}

static void lru_enlarged(struct stream *s, double x, double dx)
{
    cache(s, 0, s->objects * (x < s->p[1] ? 1 : s->p[2]), s->p[0], dx);
}

static void start_ttl(struct stream *s)
{
    double lives = log_between(s, 0.003, 0.1);
    s->p[1] = 1 / lives;
    s->settled = 3 * lives;
}

/* p0: the share in which it comes within e of its level */
static void start_warm_up(struct stream *s)
{
    s->p[0] = log_between(s, 0.003, 0.06);
    s->settled = 3 * s->p[0];
}

static void warm_up(struct stream *s, double x, double dx)
{
    leak(s, 0, s->objects * exp(-x / s->p[0]) * dx / s->p[0]);
    pass(s, 0, poisson(s, s->objects * dx));
}

static void start_module(struct stream *s)
{
    s->p[0] = whole_between(s, 3, 12);
    s->settled = between(s, 0.02, 0.35);
}

static void module_state(struct stream *s, double x, double dx)
{
    if (x < s->settled && comes(s, x, dx, s->p[0] / s->settled))
        put(s, 0, floor(s->objects / s->p[0]) + 1);
    pass(s, 0, poisson(s, 200 * dx));
}

static void start_sawtooth(struct stream *s)
{
    start_teeth(s);
    s->p[0] = log_between(s, 4, 40);
    s->settled = fmin(0.45, 2 / s->p[0]);
}

static void sawtooth(struct stream *s, double x, double dx)
{
    teeth(s, 0, x, dx);
}

/* p2: bursts; p3: how many times the level; p4: how long. v1: the end of the present one */
static void start_bursts(struct stream *s)
{
    start_churn(s);
    s->p[2] = whole_between(s, 2, 20);
    s->p[3] = between(s, 1, 10);
    s->p[4] = log_between(s, 0.002, 0.02);
    s->v[0] = -log(uniform(s)) / s->p[2];
}

static void bursts(struct stream *s, double x, double dx)
{
    churn(s, x, dx);
    if (comes(s, x, dx, s->p[2])) {
        put(s, 1, floor(s->objects * s->p[3] * between(s, 0.5, 1.5)));
        s->v[1] = x + s->p[4];
    } else if (x > s->v[1]) {
        drop(s, 1, s->group[1].live);
    }
}

/* p2: of the logarithm of the load; p3: its memory. v1: the load now */
static void start_pool(struct stream *s)
{
    s->p[1] = log_between(s, 30, 3000);
    s->p[2] = between(s, 0.2, 0.7);
    s->p[3] = log_between(s, 0.005, 0.05);
    s->settled = 0.1;
    s->seen = 5 * s->p[3];
}

/* A stationary load with a memory: Ornstein and Uhlenbeck, 1930. */
static double wandering(struct stream *s, double dx)
{
    double keep = exp(-dx / s->p[3]);
    s->v[1] = keep * s->v[1] + sqrt(1 - keep * keep) * normal(s);
    return exp(s->p[2] * fmax(-2.5, fmin(2.5, s->v[1])));
}

static void pool(struct stream *s, double x, double dx)
{
    (void)x;
    follow(s, 0, s->objects * wandering(s, dx), s->p[1], dx);
}

/* What was ever needed at once is kept for the next time. */
static void high_water(struct stream *s, double x, double dx)
{
    double needed = floor(s->objects * wandering(s, dx));
    (void)x;
    if (needed > s->group[0].live)
        put(s, 0, needed - s->group[0].live);
    pass(s, 1, poisson(s, s->p[1] * dx));
}

static void start_high_water(struct stream *s)
{
    start_pool(s);
    s->settled = 0.35; /* seven or more memories of the load: most of its range was seen */
}

/* v1: the level now */
static void start_phases(struct stream *s)
{
    s->p[0] = turns(s);
    s->p[1] = whole_between(s, 8, 30);
    s->p[2] = between(s, 0.1, 0.9);
    s->v[1] = 1;
    s->settled = 3 / s->p[1];
}

static void phases(struct stream *s, double x, double dx)
{
    if (comes_evenly(s, x, dx, s->p[1]))
        s->v[1] = 1 - s->p[2] * floor(3 * uniform(s)) / 2;
    follow(s, 0, s->objects * s->v[1], s->p[0], dx);
}

static void start_drained(struct stream *s)
{
    start_drain(s);
    s->p[0] = s->objects;
    s->settled = log_between(s, 0.005, 0.1);
}

static void drained(struct stream *s, double x, double dx)
{
    if (x >= s->p[3])
        drain(s, x, dx);
    else
        cache(s, 0, s->objects, s->objects / s->settled, dx);
}

/* Pages stay for the one object on them that lives long: p1, how fast pages are begun and become empty; the
 * share of pinned ones comes to a balance. */
static void start_fragments(struct stream *s)
{
    s->p[1] = log_between(s, 25, 300);
    s->p[0] = between(s, 0.3, 1.5);
    s->group[0].size = 4096 * pow(2, whole_between(s, 0, 4));
    s->group[0].takes = takes(s, s->group[0].size);
    s->objects = log_between(s, 100, 5000);
    s->settled = 4 / s->p[1];
    start_wave(s);
    s->p[1] = log_between(s, 25, 300);
}

static void fragments(struct stream *s, double x, double dx)
{
    double pinned = s->objects * (1 + 0.2 * s->p[4] * wave(s->p[2], s->p[3], x));
    follow(s, 0, pinned, s->p[1], dx);
    follow(s, 1, 0.3 * s->objects, 20 * s->p[1], dx);
}

static void start_fixed(struct stream *s)
{
    start_traffic(s);
    s->to = s->settled = between(s, 0.1, 0.4);
}

static void fixed(struct stream *s, double x, double dx)
{
    follow(s, 1, s->p[0], s->p[1], dx);
    if (x < s->to)
        leak(s, 0, s->objects / s->to * dx);
}

static void start_ramp(struct stream *s)
{
    s->p[1] = turns(s);
    s->settled = between(s, 0.05, 0.35);
}

static void ramp(struct stream *s, double x, double dx)
{
    follow(s, 0, s->objects * fmin(1, 0.1 + 0.9 * x / s->settled), s->p[1], dx);
}

/* p0: collections; p1: garbage against what lives; v1: garbage since the last */
static void start_collected(struct stream *s)
{
    s->p[0] = log_between(s, 15, 500);
    s->p[1] = between(s, 0.5, 2);
    s->settled = 0.1;
}

static void collected(struct stream *s, double x, double dx)
{
    become(s, 0, s->objects * (1 - exp(-x / 0.02)));
    put(s, 1, poisson(s, s->objects * s->p[1] * s->p[0] * dx * s->load));
    if (s->group[1].live > s->objects * s->p[1])
        drop(s, 1, floor(s->group[1].live * between(s, 0.85, 1)));
}

/* All n keys are there in the end: the unseen ones decay exponentially. */
static void start_finite_memo(struct stream *s)
{
    s->p[0] = 1 / between(s, 12, 60);
    s->settled = 3 * s->p[0];
}

static void start_burst_once(struct stream *s)
{
    s->p[0] = between(s, 0.05, 0.4);
    s->settled = s->p[0] + log_between(s, 0.02, 0.15);
}

static void burst_once(struct stream *s, double x, double dx)
{
    if (x > s->p[0] && x < s->settled)
        put(s, 0, poisson(s, s->objects / (s->settled - s->p[0]) * dx));
    else if (x >= s->settled)
        drop(s, 0, s->group[0].live);
    follow(s, 1, 0.02 * s->objects, 300, dx);
}

/* The new table is built, then the old one is freed. Sizes differ a little. */
static void start_reload(struct stream *s)
{
    s->p[0] = whole_between(s, 10, 80);
    s->p[1] = between(s, 0.01, 0.15);
    s->settled = 3 / s->p[0];
}

static void reload(struct stream *s, double x, double dx)
{
    if (comes_evenly(s, x, dx, s->p[0])) {
        put(s, 1, floor(s->objects * exp(s->p[1] * normal(s))));
        drop(s, 0, s->group[0].live);
    } else if (s->group[1].live > 0) {
        put(s, 0, s->group[1].live);
        drop(s, 1, s->group[1].live);
    }
}

/* ---- the table ---- */

#define GROWS true
#define FLAT  false

const struct family families_known[] = {
    {"linear", GROWS, HALF_TUNED, 2, NULL, linear},
    {"doubling_array", GROWS, HALF_TUNED, 2, start_doubling, doubling},
    {"steps", GROWS, HALF_TUNED, 2, start_steps, steps},
    {"square_root", GROWS, HALF_TUNED, 2, start_root, power},
    {"leak_in_churn_99", GROWS, HALF_TUNED, 2, start_under_churn, noisy},
    {"leak_begins_late", GROWS, HALF_TUNED, 2, start_late, late},
    {"backlog", GROWS, HALF_TUNED, 2, start_backlog, backlog},
    {"leaking_batches", GROWS, HALF_TUNED, 2, start_teeth, leaking_teeth},
    {"leak_freed_at_exit", GROWS, HALF_TUNED, 2, start_drain, drained_leak},
    {"linear_in_traffic", GROWS, HALF_HELD, 2, start_traffic, noisy},
    {"memo_zipf_keys", GROWS, HALF_HELD, 2, start_power, power},
    {"logarithm", GROWS, HALF_HELD, 2, start_logarithm, logarithm},
    {"accelerating", GROWS, HALF_HELD, 2, start_accelerating, power},
    {"block_a_minute", GROWS, HALF_HELD, 3600, start_minute, minute},
    {"on_off_leak", GROWS, HALF_HELD, 2, start_on_off, on_off},
    {"leak_in_daily_load", GROWS, HALF_HELD, 2, start_wave, leak_under_wave},
    {"bursts_kept", GROWS, HALF_HELD, 2, start_kept_bursts, kept_bursts},
    {"array_by_pieces", GROWS, HALF_HELD, 2, start_chunks, chunks},

    {"churn", FLAT, HALF_TUNED, 2, start_churn, churn},
    {"lru", FLAT, HALF_TUNED, 2, start_lru, lru},
    {"ttl_cache", FLAT, HALF_TUNED, 2, start_ttl, churn},
    {"warm_up", FLAT, HALF_TUNED, 2, start_warm_up, warm_up},
    {"sawtooth", FLAT, HALF_TUNED, 2, start_sawtooth, sawtooth},
    {"pool_after_load", FLAT, HALF_TUNED, 2, start_pool, pool},
    {"leak_fixed_midway", FLAT, HALF_TUNED, 2, start_fixed, fixed},
    {"load_ramp", FLAT, HALF_TUNED, 2, start_ramp, ramp},
    {"burst_once", FLAT, HALF_TUNED, 2, start_burst_once, burst_once},
    {"freed_at_exit", FLAT, HALF_TUNED, 2, start_drained, drained},
    {"daily_load", FLAT, HALF_HELD, 2, start_daily, daily},
    {"lru_enlarged", FLAT, HALF_HELD, 2, start_lru_enlarged, lru_enlarged},
    {"module_state", FLAT, HALF_HELD, 2, start_module, module_state},
    {"rare_bursts", FLAT, HALF_HELD, 2, start_bursts, bursts},
    {"high_water_list", FLAT, HALF_HELD, 2, start_high_water, high_water},
    {"phases", FLAT, HALF_HELD, 2, start_phases, phases},
    {"fragmentation", FLAT, HALF_HELD, 2, start_fragments, fragments},
    {"collected_heap", FLAT, HALF_HELD, 2, start_collected, collected},
    {"memo_finite_keys", FLAT, HALF_HELD, 2, start_finite_memo, warm_up},
    {"reloaded_table", FLAT, HALF_HELD, 2, start_reload, reload},
    {0},
};
