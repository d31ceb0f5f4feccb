/* accuracy: how often is the judge right? Runs labelled streams (data/streams.h) tick by tick through the
 * very history and judge that run in the guest, as sampler.c does, and through five simple rules beside it.
 *
 *     accuracy [--runs N] [--seed N] [--family NAME] [--half tuned|held|fresh|grey] [--sample BYTES]
 *
 * Lines for a script (scripts/accuracy), one `run` for each run, one `say` for each verdict at sixteen
 * evenly spaced moments of it, one `cost` at the end:
 *
 *     run FAMILY HALF GROWS LENGTH_S VERDICT CONFIDENCE FIRST FALSE RULE...
 *         GROWS: 1 when it grows at the end; FIRST: share of the run between begin of growth and first flag,
 * '-' when there was none; FALSE: 1 when it was flagged while it did not grow (see `calm_at`); RULE:
 * name=END,FALSE,FIRST for each simple rule say HALF CLAIM CONFIDENCE RIGHT          CLAIM: growing or calm
 *     cost NANOSECONDS                         a judgement, mean over all runs
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "data/streams.h"
#include "history.h"
#include "verdict.h"

enum { MOMENTS = 16, POINTS_MOST = 128, POINTS = 64, JUDGEMENTS = 32 };
enum rule { SLOPE, MANN_KENDALL, SCALENE, AGE, EXIT, RULES };

static const char *const rule_names[RULES] = {"slope", "mann_kendall", "scalene", "age", "exit"};

/* As the recorder has them (options.c, sampler.c). */
#define MIN_BYTES     65536
#define EARNING_BYTES (MIN_BYTES / 16)
#define FLAGS_FROM_MS 1000
#define FIRST_TICK_MS 10

#define EXPIRES_MS 60000 /* libleak's LEAK_EXPIRE */

struct point {
    double x, live;
};

/* One run, as everybody sees it. */
struct run {
    struct stream stream;
    struct history history;
    bool open;         /* it earned a history */
    uint64_t first_ms; /* first allocation seen, + 1 */
    double flagged;    /* share of the run at the first flag while growing, or -1 */
    bool falsely;
    unsigned moment; /* the next of MOMENTS */

    struct point points[POINTS_MOST]; /* every stride-th tick */
    unsigned count, stride, skipped;
    double top;            /* Scalene: highest live bytes */
    double mallocs, frees; /* Scalene: of watched objects */
    uint64_t looked_ms;    /* libleak */
    bool expired;
    bool rule_now[RULES], rule_falsely[RULES];
    double rule_first[RULES];
};

struct cost {
    double ns, judgements;
};

/* ---- truth ---- */

static double share_of_run(const struct run *r, double share_of_site)
{
    const struct stream *s = &r->stream;
    return (s->begin_ms + share_of_site * (s->length_ms - s->begin_ms)) / s->length_ms;
}

static bool grows_at(const struct stream *s, double x)
{
    return x >= s->from && x < s->to;
}

/* A flag is false from here on. While a cache fills it grows, and every rule that looks at the past needs as
 * long again to see that it ended; a twentieth of the run is anybody's first look. */
static bool calm_at(const struct stream *s, double x)
{
    if (s->family->growing)
        return x > 2 * s->seen + 0.05 && x < s->from;
    return x > 2 * s->settled + 0.05;
}

static void note(const struct run *r, bool flagged, double *first, bool *falsely)
{
    double x = stream_share(&r->stream);
    if (!flagged)
        return;
    *falsely |= calm_at(&r->stream, x);
    if (*first < 0 && r->stream.family->growing && x >= r->stream.from)
        *first = share_of_run(r, x) - share_of_run(r, r->stream.from);
}

/* ---- the judge, fed as in sampler.c ---- */

static void feed(struct run *r, bool last)
{
    struct stream *s = &r->stream;
    if (!s->touched && !last)
        return;
    if (!r->first_ms)
        r->first_ms = s->now_ms - s->now_ms % FIRST_TICK_MS + 1;
    if (!r->open) {
        if (s->live < EARNING_BYTES)
            return;
        history_init(&r->history, 1, r->first_ms - 1, FIRST_TICK_MS, 0);
        r->history.sample_bytes = (uint32_t)s->sample_bytes;
        r->open = true;
    }
    if (history_add(&r->history, s->now_ms, s->live, s->live, s->live, s->allocated))
        judge_step(&r->history);
    note(r, r->history.growing && s->now_ms >= FLAGS_FROM_MS && s->live >= MIN_BYTES, &r->flagged,
         &r->falsely);
}

static struct judgement verdict_of(const struct run *r, bool ended)
{
    struct judgement j = judge(&r->history, ended);
    if (j.verdict == VERDICT_GROWING && j.floor_now < MIN_BYTES)
        j = (struct judgement){.verdict = VERDICT_UNDECIDED}; /* too small: the report hides it */
    return j;
}

/* ---- simple rules ---- */

static unsigned thinned(const struct run *r, struct point p[POINTS])
{
    unsigned n = r->count < POINTS ? r->count : POINTS;
    for (unsigned i = 0; i < n; i++)
        p[i] = r->points[(uint64_t)i * r->count / n];
    return n;
}

/* Least squares: rises by a tenth of its mean, and the line explains seven tenths of the variance. */
static bool slope_says(const struct point *p, unsigned n)
{
    double mx = 0, my = 0, xx = 0, xy = 0, yy = 0;
    for (unsigned i = 0; i < n; i++) {
        mx += p[i].x / n;
        my += p[i].live / n;
    }
    for (unsigned i = 0; i < n; i++) {
        xx += (p[i].x - mx) * (p[i].x - mx);
        xy += (p[i].x - mx) * (p[i].live - my);
        yy += (p[i].live - my) * (p[i].live - my);
    }
    if (n < 8 || xx <= 0 || yy <= 0)
        return false;
    return xy / xx * (p[n - 1].x - p[0].x) >= 0.1 * my && xy * xy / (xx * yy) >= 0.7;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Mann, "Nonparametric tests against trend", 1945, and Kendall, 1975: rising with p < 0.01; Sen, "Estimates
 * of the regression coefficient based on Kendall's tau", 1968: by a tenth of the mean. */
static bool mann_kendall_says(const struct point *p, unsigned n)
{
    static double slopes[POINTS * POINTS / 2];
    unsigned pairs = 0;
    double sum = 0, mean = 0, variance = n * (n - 1.0) * (2.0 * n + 5) / 18;
    for (unsigned i = 0; i < n; i++) {
        mean += p[i].live / n;
        for (unsigned k = i + 1; k < n; k++) {
            sum += (p[k].live > p[i].live) - (p[k].live < p[i].live);
            slopes[pairs++] = (p[k].live - p[i].live) / (p[k].x - p[i].x);
        }
    }
    if (n < 8 || (sum - 1) / sqrt(variance) < 2.326)
        return false;
    qsort(slopes, pairs, sizeof *slopes, compare);
    return slopes[pairs / 2] * (p[n - 1].x - p[0].x) >= 0.1 * mean;
}

/* Berger, Stern and Altmayer Pizzorno, "Triangulating Python performance issues with Scalene", OSDI
 * 2023, 3.4: at each new maximum of memory the object just allocated is watched until the next; by Laplace's
 * rule of succession a site leaks when 1 - (frees + 1) / (mallocs + 2) is above 0.95. */
static void scalene_looks(struct run *r)
{
    struct stream *s = &r->stream;
    if (s->live <= 1.01 * r->top || !s->newest)
        return;
    r->frees += r->mallocs > 0 && s->watched == 0;
    r->mallocs++;
    r->top = s->live;
    s->watched = s->newest;
}

/* libleak (github.com/WuBingzheng/libleak): a block that lives longer than a fixed time is a leak. */
static void libleak_looks(struct run *r)
{
    if (r->stream.now_ms - r->looked_ms < EXPIRES_MS)
        return;
    r->expired = stream_look_at_ages(&r->stream) > 0 && r->looked_ms;
    r->looked_ms = r->stream.now_ms;
}

static void remember(struct run *r)
{
    if (++r->skipped < r->stride)
        return;
    r->skipped = 0;
    if (r->count == POINTS_MOST) {
        for (unsigned i = 0; i < POINTS_MOST / 2; i++)
            r->points[i] = r->points[2 * i + 1];
        r->count /= 2;
        r->stride *= 2;
    }
    r->points[r->count++] = (struct point){stream_share(&r->stream), r->stream.live};
}

static void ask_rules(struct run *r)
{
    struct point p[POINTS];
    unsigned n = thinned(r, p);
    r->rule_now[SLOPE] = slope_says(p, n);
    r->rule_now[MANN_KENDALL] = mann_kendall_says(p, n);
    r->rule_now[SCALENE] = 1 - (r->frees + 1) / (r->mallocs + 2) > 0.95;
    r->rule_now[AGE] = r->expired;
    r->rule_now[EXIT] = r->stream.live > 0; /* heaptrack, LeakSanitizer: asked at the end only */
    for (int i = 0; i < EXIT; i++)
        note(r, r->rule_now[i], &r->rule_first[i], &r->rule_falsely[i]);
}

/* ---- a run ---- */

static void say(const struct run *r, struct judgement j)
{
    bool growing = j.verdict == VERDICT_GROWING;
    if (j.verdict != VERDICT_UNDECIDED)
        printf("say %s %s %.3f %d\n", stream_half(r->stream.family), growing ? "growing" : "calm",
               (double)j.confidence, growing == grows_at(&r->stream, stream_share(&r->stream)));
}

static void at_moments(struct run *r)
{
    double passed = (double)r->stream.now_ms / r->stream.length_ms * MOMENTS;
    if (passed < r->moment + 1)
        return;
    r->moment = (unsigned)passed;
    ask_rules(r);
    if (r->open && r->moment < MOMENTS && r->stream.now_ms >= FLAGS_FROM_MS)
        say(r, verdict_of(r, false));
}

static void measure(const struct history *h, struct cost *cost)
{
    struct timespec from, to;
    static volatile float sink;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (int i = 0; i < JUDGEMENTS; i++) {
        struct history copy = *h;
        judge_step(&copy);
        sink = judge(&copy, true).confidence + sink;
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    cost->ns += (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
    cost->judgements += JUDGEMENTS;
}

static void print_share(double share)
{
    if (share < 0)
        fputs("-", stdout);
    else
        printf("%.4f", share);
}

static void print(const struct run *r, struct judgement j)
{
    const struct family *f = r->stream.family;
    printf("run %s %s %d %.0f %s %.3f ", f->name, stream_half(f), f->growing, r->stream.length_ms / 1000,
           verdict_name(j.verdict), (double)j.confidence);
    print_share(r->flagged);
    printf(" %d", r->falsely);
    for (int i = 0; i < RULES; i++) {
        printf(" %s=%d,%d,", rule_names[i], r->rule_now[i], r->rule_falsely[i]);
        print_share(r->rule_first[i]);
    }
    putchar('\n');
}

static void run_one(struct run *r, struct cost *cost)
{
    while (stream_next(&r->stream)) {
        feed(r, false);
        remember(r);
        scalene_looks(r);
        libleak_looks(r);
        at_moments(r);
    }
    r->stream.touched = true;
    feed(r, true);
    ask_rules(r);
    struct judgement j = {.verdict = VERDICT_UNDECIDED};
    if (r->open) {
        j = verdict_of(r, true);
        say(r, j);
        measure(&r->history, cost);
    }
    print(r, j);
}

static void run_family(const struct family *f, uint64_t seed, unsigned runs, double sample, struct cost *cost)
{
    for (unsigned i = 0; i < runs; i++) {
        struct run r = {.flagged = -1, .stride = 1};
        for (int k = 0; k < RULES; k++)
            r.rule_first[k] = -1;
        stream_start(&r.stream, f, seed, i, sample);
        run_one(&r, cost);
    }
}

static _Noreturn void usage(void)
{
    fputs("usage: accuracy [--runs N] [--seed N] [--family NAME] [--half tuned|held|fresh|grey] [--sample "
          "BYTES]\n",
          stderr);
    exit(2);
}

int main(int argc, char **argv)
{
    unsigned runs = 40, ran = 0;
    uint64_t seed = 1;
    double sample = 0;
    const char *family = NULL, *half = NULL;
    struct cost cost = {0};

    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc)
            usage();
        if (strcmp(argv[i], "--runs") == 0)
            runs = (unsigned)strtoul(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--family") == 0)
            family = argv[i + 1];
        else if (strcmp(argv[i], "--half") == 0)
            half = argv[i + 1];
        else if (strcmp(argv[i], "--sample") == 0)
            sample = strtod(argv[i + 1], NULL);
        else
            usage();
    }
    const struct family *f;
    for (unsigned i = 0; (f = stream_family(i)); i++) {
        if ((family && strcmp(family, f->name) != 0) || (half && strcmp(half, stream_half(f)) != 0))
            continue;
        run_family(f, seed, runs, sample, &cost);
        ran++;
    }
    if (!ran) {
        fputs("accuracy: no such family\n", stderr);
        return 2;
    }
    printf("cost %.0f\n", cost.judgements > 0 ? cost.ns / cost.judgements : 0);
    return fflush(stdout) ? 1 : 0;
}
