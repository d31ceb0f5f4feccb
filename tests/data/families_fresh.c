/* Families written after the rule was done, and looked at once; and those of which nobody can say whether
 * they grow. README.md says what each stands for. */
#include <stddef.h>

#include "moves.h"

/* ---- fresh, growing ---- */

/* The program becomes slower and slower: so does all that it allocates, and a share of it stays. p0: how much
 */
static void start_slowing_program(struct stream *s)
{
    s->p[0] = between(s, 0.5, 3);
    s->p[1] = log_between(s, 2, 50); /* objects that pass, for each that stays */
}

static void slowing_program(struct stream *s, double x, double dx)
{
    double work = s->objects * exp(-s->p[0] * x) * dx;
    leak(s, 0, work);
    pass(s, 0, poisson(s, work * s->p[1] * s->load));
}

/* Sessions with short lives; some are never closed. p0: share of these; p1: sessions in the site's time */
static void start_unclosed(struct stream *s)
{
    s->p[0] = log_between(s, 0.02, 0.3);
    s->p[1] = s->objects / s->p[0];
    s->p[2] = log_between(s, 30, 1000); /* turns */
    s->group[1].size = s->group[0].size;
    s->group[1].takes = s->group[0].takes;
}

static void unclosed(struct stream *s, double x, double dx)
{
    (void)x;
    leak(s, 0, s->objects * dx);
    follow(s, 1, (1 - s->p[0]) * s->p[1] / s->p[2], s->p[2], dx);
}

/* A nightly job leaves something behind each time. p0: nights; p1: how long a job takes, of a night */
static void start_jobs(struct stream *s)
{
    s->p[0] = whole_between(s, 8, 60);
    s->p[1] = between(s, 0.05, 0.4);
    s->p[2] = log_between(s, 0.02, 0.3); /* share of a job's objects that stays */
}

static void jobs(struct stream *s, double x, double dx)
{
    double night = s->p[0] * x, at = night - floor(night);
    double one = s->objects / (s->p[0] * s->p[2]); /* objects of a job */
    if (at < s->p[1])
        put(s, 1, poisson(s, one * (1 - s->p[2]) * s->p[0] * dx / s->p[1]));
    else
        drop(s, 1, s->group[1].live);
    if (at < s->p[1])
        leak(s, 0, one * s->p[2] * s->p[0] * dx / s->p[1]);
}

/* A table that doubles, and what it points to. */
static void table_and_entries(struct stream *s, double x, double dx)
{
    double entries = s->objects * (x + dx), room = s->block > 0 ? s->block : 8 * 64;
    leak(s, 0, s->objects * dx);
    while (room < 8 * entries)
        room *= 2;
    if (room > s->block)
        resize(s, room);
}

/* A queue whose consumer is a little too slow: goes up and down, up more often. p0: steps in the site's time
 */
static void start_slow_consumer(struct stream *s)
{
    s->p[0] = log_between(s, 500, 20000);
    s->p[1] = between(s, 0.08, 0.4); /* drift, of a step */
}

static void slow_consumer(struct stream *s, double x, double dx)
{
    double steps = s->p[0] * dx, one = s->objects / (s->p[0] * s->p[1]);
    double moved = one * (s->p[1] * steps + sqrt(steps) * normal(s));
    (void)x;
    if (moved > 0)
        put(s, 0, floor(moved + uniform(s)));
    else
        drop(s, 0, floor(uniform(s) - moved));
    pass(s, 0, poisson(s, one * steps));
}

/* Plugins are loaded now and then, each with some state, and never go. */
static void start_plugins(struct stream *s)
{
    s->p[0] = whole_between(s, 25, 100);
}

static void plugins(struct stream *s, double x, double dx)
{
    if (comes(s, x, dx, s->p[0]))
        put(s, 0, floor(s->objects / s->p[0] * log_between(s, 0.3, 3)) + 1);
    pass(s, 0, poisson(s, 2000 * dx));
}

/* ---- fresh, not growing ---- */

/* Most sessions are short, one in ten lasts ten times as long. */
static void start_sessions(struct stream *s)
{
    s->p[0] = log_between(s, 100, 3000); /* turns of the short */
    s->settled = 30 / s->p[0];
}

static void sessions(struct stream *s, double x, double dx)
{
    (void)x;
    follow(s, 0, 0.5 * s->objects, s->p[0], dx);
    follow(s, 1, 0.5 * s->objects, s->p[0] / 10, dx);
}

/* A queue that is worked off: random walk, reflected at 0. p0: steps; p1: drift downwards, of a step */
static void start_queue(struct stream *s)
{
    s->p[0] = log_between(s, 500, 20000);
    s->p[1] = between(s, 0.2, 0.6);
    s->settled = fmin(0.3, 10 / (s->p[0] * s->p[1] * s->p[1]));
}

static void queue(struct stream *s, double x, double dx)
{
    double steps = s->p[0] * dx, one = s->objects * s->p[1];
    double moved = one * (sqrt(steps) * normal(s) - s->p[1] * steps);
    (void)x;
    if (moved > 0)
        put(s, 0, floor(moved));
    else
        drop(s, 0, floor(-moved));
    pass(s, 0, poisson(s, one * steps));
}

/* Minor and major collections. p0: minor ones; p1: of these to a major one */
static void start_generations(struct stream *s)
{
    s->p[0] = log_between(s, 60, 2000);
    s->p[1] = whole_between(s, 5, 12);
    s->settled = fmin(0.3, 3 * s->p[1] / s->p[0]);
}

static void generations(struct stream *s, double x, double dx)
{
    double minor = s->p[0] * x, then = s->p[0] * (x + dx);
    put(s, 0,
        poisson(s, 0.5 * s->objects * s->p[0] * dx)); /* the young: half of the heap, collected at minors */
    if (floor(then) > floor(minor)) {
        put(s, 1, floor(0.1 * s->group[0].live));
        drop(s, 0, s->group[0].live);
    }
    if (floor(then / s->p[1]) > floor(minor / s->p[1]))
        drop(s, 1, floor(s->group[1].live * between(s, 0.9, 1)));
}

/* A log in memory: when it is full, the older half goes. */
static void start_log(struct stream *s)
{
    s->p[0] = log_between(s, 6, 200); /* times that it is filled */
    s->settled = fmin(0.3, 2 / s->p[0]);
}

static void log_in_memory(struct stream *s, double x, double dx)
{
    (void)x;
    leak(s, 0, s->objects * s->p[0] * dx);
    if (s->group[0].live > s->objects)
        drop(s, 0, floor(s->group[0].live / 2));
}

/* Workers come and go with the load: a few levels, each kept for a while. p0: changes; v1: level */
static void start_workers(struct stream *s)
{
    s->p[0] = whole_between(s, 20, 80);
    s->p[1] = log_between(s, 100, 3000);
    s->v[1] = 0.5;
    s->settled = 5 / s->p[0];
}

static void workers(struct stream *s, double x, double dx)
{
    if (comes(s, x, dx, s->p[0]))
        s->v[1] = whole_between(s, 1, 4) / 4;
    become(s, 0, floor(s->objects * s->v[1]));
    follow(s, 1, 0.2 * s->objects * s->v[1], s->p[1], dx);
}

/* A cache that is emptied every night and filled again. */
static void start_nightly_cache(struct stream *s)
{
    s->p[0] = whole_between(s, 6, 40);
    s->p[1] = log_between(s, 1.5, 20); /* times that it would be filled in a night */
    s->settled = 2 / s->p[0];
}

static void nightly_cache(struct stream *s, double x, double dx)
{
    if (floor(s->p[0] * (x + dx)) > floor(s->p[0] * x))
        drop(s, 0, s->group[0].live);
    cache(s, 0, s->objects, s->objects * s->p[1] * s->p[0], dx);
}

/* A few large imports, of any size, each freed when it is done; beside a steady state. v1: end of the present
 */
static void start_imports(struct stream *s)
{
    s->p[0] = whole_between(s, 2, 8);
    s->settled = 0.1;
}

static void imports(struct stream *s, double x, double dx)
{
    become(s, 0, floor(0.2 * s->objects));
    if (comes(s, x, dx, s->p[0]) && x > s->v[1]) {
        s->v[1] = x + between(s, 0.01, 0.08);
        s->p[1] = s->objects * log_between(s, 0.5, 5) / (s->v[1] - x);
    }
    if (x < s->v[1])
        put(s, 1, poisson(s, s->p[1] * dx));
    else
        drop(s, 1, s->group[1].live);
    pass(s, 0, poisson(s, 2000 * dx));
}

const struct family families_fresh[] = {
    {"slowing_program", true, HALF_FRESH, 2, start_slowing_program, slowing_program},
    {"sessions_never_closed", true, HALF_FRESH, 2, start_unclosed, unclosed},
    {"leaking_jobs", true, HALF_FRESH, 2, start_jobs, jobs},
    {"table_and_entries", true, HALF_FRESH, 2, NULL, table_and_entries},
    {"slow_consumer", true, HALF_FRESH, 2, start_slow_consumer, slow_consumer},
    {"plugins_loaded", true, HALF_FRESH, 2, start_plugins, plugins},
    {"sessions", false, HALF_FRESH, 2, start_sessions, sessions},
    {"queue", false, HALF_FRESH, 2, start_queue, queue},
    {"generations", false, HALF_FRESH, 2, start_generations, generations},
    {"log_in_memory", false, HALF_FRESH, 2, start_log, log_in_memory},
    {"workers", false, HALF_FRESH, 2, start_workers, workers},
    {"nightly_cache", false, HALF_FRESH, 2, start_nightly_cache, nightly_cache},
    {"imports", false, HALF_FRESH, 2, start_imports, imports},
    {0},
};

/* ---- grey ---- */

static void start_full_late(struct stream *s)
{
    s->settled = between(s, 0.55, 0.9);
}

static void full_late(struct stream *s, double x, double dx)
{
    (void)x;
    cache(s, 0, s->objects, s->objects / s->settled, dx);
}

static void start_long_warm_up(struct stream *s)
{
    s->p[0] = between(s, 0.15, 0.5);
}

static void long_warm_up(struct stream *s, double x, double dx)
{
    leak(s, 0, s->objects * exp(-x / s->p[0]) * dx / s->p[0]);
    pass(s, 0, poisson(s, s->objects * dx));
}

/* p0: periods; p1: phase */
static void start_few_days(struct stream *s)
{
    s->p[0] = between(s, 0.4, 2.5);
    s->p[1] = uniform(s);
    s->p[2] = log_between(s, 100, 3000);
}

static void few_days(struct stream *s, double x, double dx)
{
    follow(s, 0, s->objects * (1 + 0.8 * wave(s->p[0], s->p[1], x)), s->p[2], dx);
}

static void start_few_teeth(struct stream *s)
{
    s->p[0] = between(s, 1, 4);
    s->p[1] = uniform(s);
}

static void few_teeth(struct stream *s, double x, double dx)
{
    if (floor(s->p[0] * (x + dx) + s->p[1]) > floor(s->p[0] * x + s->p[1]))
        drop(s, 0, s->group[0].live);
    leak(s, 0, s->objects * s->p[0] * dx);
}

static void start_begins_very_late(struct stream *s)
{
    s->p[0] = between(s, 0.6, 0.95);
}

static void begins_very_late(struct stream *s, double x, double dx)
{
    follow(s, 1, 0.2 * s->objects, 300, dx);
    if (x >= s->p[0])
        leak(s, 0, s->objects * dx);
}

static void start_fixed_late(struct stream *s)
{
    s->p[0] = between(s, 0.5, 0.95);
}

static void fixed_late(struct stream *s, double x, double dx)
{
    follow(s, 1, 0.2 * s->objects, 300, dx);
    if (x < s->p[0])
        leak(s, 0, s->objects * dx);
}

const struct family families_grey[] = {
    {"cache_full_late", false, HALF_GREY, 2, start_full_late, full_late},
    {"long_warm_up", false, HALF_GREY, 2, start_long_warm_up, long_warm_up},
    {"few_days", false, HALF_GREY, 2, start_few_days, few_days},
    {"few_teeth", false, HALF_GREY, 2, start_few_teeth, few_teeth},
    {"leak_begins_very_late", false, HALF_GREY, 2, start_begins_very_late, begins_very_late},
    {"leak_fixed_late", false, HALF_GREY, 2, start_fixed_late, fixed_late},
    {0},
};
