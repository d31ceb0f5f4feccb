/* The judge: rule F of leakwatch's detection study, "the floor keeps climbing".
 *
 * The floor at window i is the lowest live level from i until now: what the site never fell below
 * again. It is looked at in octaves of the site's life, so a run of 2 s and one of 10 days are the same
 * to it; the last eighth of life only confirms that what was reached is kept:
 *
 *     0        q=c/4      h=c/2                 c=7n/8   n     windows (n is 16..32)
 *     |----------|----------|---------------------|------|
 *                   before          climb          confirms
 *
 * The constants are that study's (2,190 labelled streams of 73 families: precision 0.993, recall
 * 0.978); its optimum is flat, none needs a third digit. Runs inside a guest's malloc: no memory, no
 * libm, little stack.
 */
#include "verdict.h"

#include <stddef.h>

enum {
    MIN_WINDOWS = 16, /* two per eighth of life; a halved history never has fewer */
    PARTS = 6,        /* the last octave is cut in 6 ... */
    PARTS_RISING = 3, /* ... of which 3 must rise: one or two events are not a trend */
    NOISE_SLICES = 8,
    STEPS = 3 /* a climb made of so few single rises is one of steps */
};

static const double MIN_CLIMB = 0.02;  /* of the highest level of late: less is not worth a line, and a
                                        * sawtooth's lows rise by as much as ticks become rarer */
static const double LEVEL_MOST = 1e30; /* history.c keeps nothing above it: forged, infinite or NaN */
static const double NOT_FADING = 0.5;  /* of the octave before: a logarithm has 1, saturation less */
static const double OCTAVE_UP = 1.3;   /* twice in a row: a doubling array, however few its steps */
static const double PART_SHARE = 0.16; /* of a part's fair share of the climb */
static const double STOPPED = 0.9;     /* of the climb: was it over more than c/4 ago? */
static const double NOISE_TIMES = 6;   /* with 0, settled sites stay flagged 2.4 times as long */
static const double LOOKS_A_LIFE =
    512; /* the recorder's (sampler.c): so many looks at a site by any age ... */
static const double LOOK_FIRST_MS = 10;    /* ... but not more often ... */
static const double LOOK_LAST_MS = 1000;   /* ... and not more rarely */
static const double SWING_UNSEEN = 0.25;   /* of what a level swings may lie between two looks */
static const double CONFIRM = 1.2;         /* a spell must hold while age grows so much ... */
static const double CONFIRM_TURNING = 1.5; /* ... where what is there is replaced, and wanders ... */
static const double RETRACT = 1.06;        /* ... and survives a gap shorter than this */
static const double TURNS = 2;             /* times the climb are allocated: most of it was freed */

static const double STEPS_SHARE = 0.8; /* of the climb since q, made by the three largest rises ... */
static const double STEP_LEVEL = 0.2;  /* ... the largest being this share of the level */
#define RATIO_SLOWING 1.55             /* climb / before: logarithm 1, square root 1.41, line 2 */
static const double RATIO_LINEAR = 3.5;
static const double RATIO_MOST = 100; /* said when nothing climbed the octave before */

static const double GIVEN_BACK = 0.25; /* transient: the recent high is below this share of the peak */
static const double KEPT = 0.5;        /* of the recent high: a floor above it is a plateau */
static const double TURNOVER = 0.25;   /* bounded: so much of the level is allocated anew an octave */

/* Sampled recording, measured as confidence is (tests/data/README.md): where few of a site's blocks are seen
 * it may grow and look calm. The other way round is no rarer or more frequent than in exact recording. */
static const double ENOUGH_SAMPLES = 16; /* of what it held at most of late */
static const float DOUBT_OF_CALM = 0.6f;

/* A drain at the very end, "the last few per cent" of the run, and whatever of it the open window has
 * (3 to 6 % of a site's life more). One of up to 6 % is recognized however it falls on windows
 * (test_verdict). */
static const double DRAIN_SPAN = 0.0625; /* of the process's life, rounded to windows, at least 1 */
static const double DRAIN_FALL = 0.25;   /* of the level, at least */
static const double DRAIN_REST = 0.125;  /* of the fall, at most, comes back before the end */
static const double TOOTH = 0.5;         /* of the fall: it fell so far before, so it is a sawtooth */
static const double LATE = 1.5;          /* its spell must have held while the process aged so much */

/* The floors of a history's first n windows. */
struct view {
    const struct history *history;
    uint32_t n, q, h, c; /* drawn above */
    float floor[HISTORY_WINDOWS];
};

static uint32_t windows_of(const struct history *h);
static void look(struct view *v, const struct history *h, uint32_t n, float after);
static bool climbs(const struct view *v);
static double allocated_in(const struct view *v, uint32_t from, uint32_t to);
static float high_in(const struct view *v, uint32_t from);
static double age_of(const struct history *h, uint64_t mark_ms);
static bool spell_lasts(const struct history *h, double age);
static bool confirmed(const struct view *v, double age, bool ended);
static uint32_t drain_start(const struct history *h);
static bool held_long(const struct history *h, double age);
static void describe(struct judgement *j, const struct view *v, double age);
static enum verdict calm_verdict(const struct view *v);
static float confidence_in_calm(const struct judgement *j, const struct view *v);

bool judge_step(struct history *h)
{
    bool was_growing = h->growing, climbing = false;
    uint64_t mark = h->last_ms + 1;
    double age = age_of(h, mark);
    struct view v;

    if (windows_of(h) >= MIN_WINDOWS) {
        look(&v, h, windows_of(h), h->open.low);
        climbing = climbs(&v);
    }
    if (climbing) {
        h->held_ms = spell_lasts(h, age) ? h->held_ms : mark;
        h->gap_ms = 0;
    } else if (h->held_ms && !h->gap_ms) {
        h->gap_ms = mark;
    }
    h->growing = climbing && confirmed(&v, age, false);
    if (h->growing && !h->first_flagged_ms)
        h->first_flagged_ms = mark;
    return h->growing && !was_growing;
}

struct judgement judge(const struct history *h, bool ended)
{
    struct judgement j = {.verdict = VERDICT_UNDECIDED};
    uint32_t n = windows_of(h), kept;
    double age = age_of(h, h->last_ms + 1);
    struct view v;

    if (n < MIN_WINDOWS || h->width_ms == 0)
        return j;
    kept = ended ? drain_start(h) : 0;
    if (kept) {
        look(&v, h, kept, h->closed[kept - 1].low);
        age = (double)h->width_ms * kept;
    } else {
        look(&v, h, n, h->open.low);
    }
    j.floor_then = v.floor[v.h];
    j.floor_now = v.floor[v.c];
    bool climbing = climbs(&v) && spell_lasts(h, age);
    if (climbing && confirmed(&v, age, ended) && (!kept || held_long(h, age))) {
        j.freed_at_end = kept != 0;
        describe(&j, &v, age);
    } else {
        j.verdict = climbing && kept ? VERDICT_TRANSIENT : calm_verdict(&v);
        j.confidence = confidence_in_calm(&j, &v);
    }
    return j;
}

const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {"undecided", "growing", "resident", "bounded", "churn", "transient"};
    return (unsigned)v < sizeof names / sizeof *names ? names[v] : "undecided";
}

const char *shape_name(enum shape s)
{
    static const char *const names[] = {NULL, "linear", "steps", "slowing", "accelerating"};
    return (unsigned)s < sizeof names / sizeof *names ? names[s] : NULL;
}

static uint32_t windows_of(const struct history *h)
{
    return h->count < HISTORY_WINDOWS ? h->count : HISTORY_WINDOWS;
}

/* after: the lowest level since the end of window n - 1. */
static void look(struct view *v, const struct history *h, uint32_t n, float after)
{
    v->history = h;
    v->n = n;
    v->c = n - n / 8;
    v->h = v->c / 2;
    v->q = v->c / 4;
    for (uint32_t i = n; i-- > 0;) {
        after = h->closed[i].low < after ? h->closed[i].low : after;
        v->floor[i] = after;
    }
}

/* ---- the rule ---- */

static double climb_of(const struct view *v)
{
    return (double)v->floor[v->c] - (double)v->floor[v->h];
}

static double before_of(const struct view *v)
{
    return (double)v->floor[v->h] - (double)v->floor[v->q];
}

static bool went_up(double from, double to)
{
    return to > 0 && to >= OCTAVE_UP * from;
}

static uint32_t rising_parts(const struct view *v)
{
    double share = PART_SHARE * climb_of(v) / PARTS;
    uint32_t span = v->c - v->h, rising = 0;
    for (uint32_t k = 0; k < PARTS; k++) {
        float from = v->floor[v->h + span * k / PARTS], to = v->floor[v->h + span * (k + 1) / PARTS];
        rising += (double)(to - from) >= share;
    }
    return rising;
}

static bool has_stopped(const struct view *v)
{
    uint32_t recently = v->c - v->c / 4;
    return (double)v->floor[recently] - (double)v->floor[v->h] >= STOPPED * climb_of(v);
}

/* Mean over eight slices of life of how far each one's lowest lies above what came later. */
static double noise_of(const struct view *v)
{
    const struct window *w = v->history->closed;
    double sum = 0;
    for (uint32_t k = 0; k < NOISE_SLICES; k++) {
        uint32_t start = v->n * k / NOISE_SLICES, end = v->n * (k + 1) / NOISE_SLICES;
        float lowest = w[start].low;
        for (uint32_t i = start + 1; i < end; i++)
            lowest = w[i].low < lowest ? w[i].low : lowest;
        sum += (double)(lowest - v->floor[start]);
    }
    return sum / NOISE_SLICES;
}

/* The most that the level swings in one of the windows that count. */
static double swing_of(const struct view *v)
{
    const struct window *w = v->history->closed;
    float most = 0;
    for (uint32_t i = v->h; i < v->c; i++)
        most = w[i].high - w[i].low > most ? w[i].high - w[i].low : most;
    return (double)most;
}

/* As the program ages, looks become rarer, and the first one after a cache was emptied finds it ever fuller:
 * its lows rise though nothing does, by what is allocated from one look to the next. */
static double rise_unseen(const struct view *v)
{
    const struct history *h = v->history;
    double look_ms = (double)h->last_ms / LOOKS_A_LIFE;
    look_ms = look_ms < LOOK_FIRST_MS ? LOOK_FIRST_MS : look_ms > LOOK_LAST_MS ? LOOK_LAST_MS : look_ms;
    double span_ms = (double)(v->c - v->h) * (double)h->width_ms;
    double refilled = allocated_in(v, v->h, v->c) * look_ms / span_ms, swing = SWING_UNSEEN * swing_of(v);
    return refilled < swing ? refilled : swing;
}

static bool climbs(const struct view *v)
{
    double climb = climb_of(v), level = (double)v->floor[v->c], high = (double)high_in(v, v->h);

    if (!(level > 0 && level <= LEVEL_MOST && climb >= MIN_CLIMB * level)) /* nothing new (or forged) */
        return false;
    if (climb < MIN_CLIMB * high)
        return false;
    if (climb < NOT_FADING * before_of(v)) /* a curve that saturates */
        return false;
    if (climb < NOISE_TIMES * noise_of(v)) /* the lows themselves wander that much */
        return false;
    if (climb < rise_unseen(v))
        return false;
    if (went_up((double)v->floor[v->q], (double)v->floor[v->h]) && went_up((double)v->floor[v->h], level))
        return true;
    return rising_parts(v) >= PARTS_RISING && !has_stopped(v);
}

/* ---- the memory ---- */

/* Age of the site at a mark of the history's (a time + 1; 0 stands for never). */
static double age_of(const struct history *h, uint64_t mark_ms)
{
    return mark_ms > h->start_ms ? (double)(mark_ms - 1 - h->start_ms) : 0;
}

static bool spell_lasts(const struct history *h, double age)
{
    return h->held_ms && (!h->gap_ms || age < RETRACT * age_of(h, h->gap_ms));
}

/* Most of what was allocated of late is gone again: a load or a cache, whose level wanders. */
static bool turns_over(const struct view *v)
{
    return allocated_in(v, v->h, v->c) >= TURNS * climb_of(v);
}

/* While the process runs there is more to come, so what turns over has to wait; at its end there is not. */
static bool confirmed(const struct view *v, double age, bool ended)
{
    return age >=
           (!ended && turns_over(v) ? CONFIRM_TURNING : CONFIRM) * age_of(v->history, v->history->held_ms);
}

/* ---- the end ---- */

/* How many closed windows a drain may fill: the windows of a site that began late are short. */
static uint32_t drain_span(const struct history *h)
{
    uint32_t n = windows_of(h), most = n / 4;
    double windows = ((double)h->start_ms / (double)h->width_ms + n) * DRAIN_SPAN + 0.5;
    if (windows < 1)
        return 1;
    return windows < most ? (uint32_t)windows : most;
}

/* The last window before the tail in which a drain may lie: the one with the highest low. */
static uint32_t last_full(const struct history *h)
{
    uint32_t n = windows_of(h), full = n - 1, first = n - 1 - drain_span(h);
    for (uint32_t i = n - 1; i-- > first;)
        full = h->closed[i].low > h->closed[full].low ? i : full;
    return full;
}

/* The largest fall of the lows up to window `last`. */
static double fall_until(const struct history *h, uint32_t last)
{
    float top = 0, fall = 0;
    for (uint32_t i = 0; i <= last; i++) {
        float low = h->closed[i].low;
        top = low > top ? low : top;
        fall = top - low > fall ? top - low : fall;
    }
    return (double)fall;
}

/* Did the site only fall after window `full`, give or take `rest`? The window after it may still rise
 * before the fall. */
static bool only_falls(const struct history *h, uint32_t full, float rest)
{
    float low = h->closed[full].low, high = -1;
    for (uint32_t i = full + 1; i <= windows_of(h); i++) {
        const struct window *w = i < windows_of(h) ? &h->closed[i] : &h->open;
        if (w->low > low + rest || (high >= 0 && w->high > high + rest))
            return false;
        low = w->low < low ? w->low : low;
        high = w->high;
    }
    return h->last_live <= low + rest;
}

/* How many windows to judge by when a drain fills those after them; 0: there is none. A drain falls
 * to the end of the history without growing again, and nothing like it happened before.
 *
 * What can be decided: the verdict is the one that a SIGKILL just before the drain would have left. So
 * a sawtooth does not turn growing by it: it fell as far before. Nor does a burst in the last third of
 * the run (`held_long`): it was given back. A longer one cannot be told from a leak that began late and
 * is freed by main at the end; it is called growing, freed at the end.
 */
static uint32_t drain_start(const struct history *h)
{
    uint32_t full = last_full(h);
    double level = (double)h->closed[full].low, fall = level - (double)h->open.low;
    if (fall <= 0 || fall < DRAIN_FALL * level || fall_until(h, full) >= TOOTH * fall)
        return 0;
    return only_falls(h, full, (float)(DRAIN_REST * fall)) ? full + 1 : 0;
}

/* A drained site's clock may have started late: then all it ever did is one burst. */
static bool held_long(const struct history *h, double age)
{
    return (double)h->start_ms + age >= LATE * ((double)h->held_ms - 1);
}

/* ---- what to say ---- */

static double allocated_in(const struct view *v, uint32_t from, uint32_t to)
{
    double sum = 0;
    for (uint32_t i = from; i < to; i++)
        sum += (double)v->history->closed[i].allocated;
    return sum;
}

static float high_in(const struct view *v, uint32_t from)
{
    float high = 0;
    for (uint32_t i = from; i < v->n; i++)
        high = v->history->closed[i].high > high ? v->history->closed[i].high : high;
    return high;
}

/* Three rises make most of the climb since q, and the largest is a good part of the level. */
static bool is_steps(const struct view *v)
{
    float largest[STEPS] = {0};
    for (uint32_t i = v->q + 1; i <= v->c; i++) {
        float rise = v->floor[i] - v->floor[i - 1];
        for (uint32_t k = 0; k < STEPS; k++) {
            float smaller = rise < largest[k] ? rise : largest[k];
            largest[k] = rise < largest[k] ? largest[k] : rise;
            rise = smaller;
        }
    }
    double three = (double)largest[0] + (double)largest[1] + (double)largest[2];
    return three >= STEPS_SHARE * (climb_of(v) + before_of(v)) &&
           (double)largest[0] >= STEP_LEVEL * (double)v->floor[v->c];
}

static enum shape shape_of(const struct view *v, double ratio)
{
    if (is_steps(v))
        return SHAPE_STEPS;
    if (ratio < RATIO_SLOWING)
        return SHAPE_SLOWING;
    return ratio <= RATIO_LINEAR ? SHAPE_LINEAR : SHAPE_ACCELERATING;
}

/* log2 without libm, to 1/1024: squaring a number of 1..2 doubles its logarithm. */
static double octaves(double times)
{
    double whole = 0, bit = 1;
    for (; times >= 2 && whole < 64; times /= 2)
        whole++;
    for (uint32_t i = 0; i < 10 && times > 1; i++) {
        times *= times;
        bit /= 2;
        if (times >= 2) {
            times /= 2;
            whole += bit;
        }
    }
    return whole;
}

/* Share of right verdicts, at sixteen moments of 760 runs of the tuned families (tests/data/README.md): how
 * long a spell has held says little; whether it slows says most, for a cache that still fills slows. */
static float confidence_of(double ratio)
{
    static const struct {
        double ratio;
        float right;
    } measured[] = {{0.8, 0.26f}, {1, 0.60f}, {1.3, 0.78f}, {RATIO_SLOWING, 0.88f}};
    for (size_t i = 0; i < sizeof measured / sizeof *measured; i++)
        if (ratio < measured[i].ratio)
            return measured[i].right;
    return 0.93f;
}

/* 0 where enough were seen to tell, or everything; 1 where none was. */
static float lack_of_samples(const struct view *v)
{
    double enough = ENOUGH_SAMPLES * v->history->sample_bytes, high = (double)high_in(v, v->h);
    return high < enough ? (float)(1 - high / enough) : 0;
}

/* The same of a verdict that nothing grows: what was called calm while its floor rose may be a leak in
 * traffic, or one that has just begun. */
static float confidence_in_calm(const struct judgement *j, const struct view *v)
{
    double rise = j->floor_now - j->floor_then;
    float confidence = rise < 0.2 * j->floor_now ? 0.85f : 0.68f;
    if (rise < 0.05 * j->floor_now || rise <= 0)
        confidence = 0.97f;
    if (j->verdict == VERDICT_TRANSIENT)
        confidence = 0.99f;
    return confidence - DOUBT_OF_CALM * lack_of_samples(v);
}

static void describe(struct judgement *j, const struct view *v, double age)
{
    double climb = climb_of(v), before = before_of(v), allocated = allocated_in(v, v->h, v->c);
    double since = age_of(v->history, v->history->held_ms);
    double seconds = (double)(v->c - v->h) * (double)v->history->width_ms / 1000;

    j->verdict = VERDICT_GROWING;
    j->bytes_per_s = climb / seconds;
    j->bytes_per_byte = climb < allocated ? climb / allocated : 1;
    j->ratio = climb < RATIO_MOST * before ? climb / before : RATIO_MOST;
    j->shape = shape_of(v, j->ratio);
    j->held_octaves = since > 0 ? octaves(age / since) : 0;
    j->confidence = confidence_of(j->ratio);
}

/* Grew from what it started with (nothing, or its level when the warm-up ended), and what it holds is
 * still being replaced: far more is allocated than the floor rises. */
static bool is_bounded(const struct view *v)
{
    double level = (double)v->floor[v->c], allocated = allocated_in(v, v->h, v->n);
    return level > (double)v->floor[0] && allocated >= TURNOVER * level && allocated >= 2 * climb_of(v);
}

static enum verdict calm_verdict(const struct view *v)
{
    double peak = (double)high_in(v, 0), recent = (double)high_in(v, v->n - v->n / 4);
    if (recent < GIVEN_BACK * peak)
        return VERDICT_TRANSIENT;
    if (peak <= 0 || (double)v->floor[v->c] < KEPT * recent)
        return VERDICT_CHURN;
    return is_bounded(v) ? VERDICT_BOUNDED : VERDICT_RESIDENT;
}
