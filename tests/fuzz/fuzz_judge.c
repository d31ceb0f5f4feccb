/* A site's history and its judge, fed with any series: windows stay in order, figures stay figures, and a run
 * twice as long with blocks twice as large is judged the same.
 *
 * Finds within seconds when a guard against zero, NaN or infinity is left out, windows merge wrongly, or the
 * rule knows an absolute size or time.
 *
 * An input is a floor (8 bytes, a double), the first width (2 bytes), then samples: a byte of flags, then
 *   bit 0: time passes by 8 bytes of milliseconds instead of 1 byte
 *   bit 1: live, lowest, highest and allocated are any doubles of 8 bytes instead of 2 bytes each, in 4 KiB
 */
#include <math.h>

#include "fuzz.h"
#include "history.h"
#include "verdict.h"

#define MOST_MS (UINT64_C(1) << 50) /* ledger.c's, which keeps the tool's sums from overflowing */
/* Between these ages the recorder looks at a site 512 times a life (sampler.c), before and after not: that is
 * all that the judge knows of absolute time. */
#define LOOKS_FROM_MS  5120u
#define LOOKS_UNTIL_MS 512000u

static void check_window(const struct window *w)
{
    CHECK(isfinite(w->low) && isfinite(w->high) && isfinite(w->allocated));
    CHECK(w->low >= 0 && w->high >= w->low && w->allocated >= 0);
}

static void check_history(const struct history *h)
{
    CHECK(h->count <= HISTORY_WINDOWS && h->width_ms >= 1);
    CHECK(h->open_ms == h->start_ms + h->count * h->width_ms);
    CHECK(h->open_ms <= h->last_ms && h->last_ms - h->open_ms <= h->width_ms);
    CHECK(isfinite(h->last_live) && h->last_live >= 0);
    for (uint32_t i = 0; i < h->count; i++)
        check_window(&h->closed[i]);
    check_window(&h->open);
}

static void check_judgement(const struct judgement *j)
{
    bool growing = j->verdict == VERDICT_GROWING;
    CHECK(j->verdict <= VERDICT_TRANSIENT && verdict_name(j->verdict));
    CHECK(j->shape <= SHAPE_ACCELERATING && (shape_name(j->shape) != NULL) == growing);
    CHECK(j->confidence >= 0 && j->confidence <= 1);
    CHECK(isfinite(j->floor_then) && isfinite(j->floor_now) && isfinite(j->ratio) &&
          isfinite(j->held_octaves));
    CHECK(isfinite(j->bytes_per_s) && isfinite(j->bytes_per_byte));
    CHECK(growing ? j->bytes_per_s >= 0 : j->bytes_per_s <= 0);
    CHECK(growing || !j->freed_at_end);
}

/* Pure: the same again, and the history is as it was. */
static void check_judge(const struct history *h)
{
    struct history before = *h;
    for (int ended = 0; ended < 2; ended++) {
        struct judgement first = judge(h, ended), second = judge(h, ended);
        CHECK(first.verdict == second.verdict && first.shape == second.shape);
        check_judgement(&first);
    }
    CHECK(memcmp(&before, h, sizeof before) == 0);
}

/* A second step over the same windows turns nothing. */
static void step(struct history *h)
{
    bool turned = judge_step(h);
    CHECK(!turned || (h->growing == 1 && h->first_flagged_ms));
    struct history once = *h;
    CHECK(!judge_step(h) && memcmp(&once, h, sizeof once) == 0);
}

/* The series, and the same with all bytes and times doubled. */
struct series {
    struct history once, twice;
    uint64_t now;
    bool comparable; /* nothing was cut, rounded or below a float: every figure is exactly doubled */
    double lowest, highest;
};

static bool ordinary(double bytes)
{
    return bytes == 0 || (bytes >= 1 && bytes <= 1e12);
}

static void add(struct history *h, uint64_t now, const double value[4], double scale)
{
    if (history_add(h, now, value[0] * scale, value[1] * scale, value[2] * scale, value[3] * scale) > 0)
        step(h);
    check_history(h);
    CHECK(h->last_ms == now && h->site == 3);
}

static void sample(struct series *s, struct input *in)
{
    uint8_t flags = input_byte(in);
    uint64_t passed = flags & 1 ? input_word(in) : input_byte(in);
    double value[4];
    s->now = passed < MOST_MS - s->now ? s->now + passed : s->now;
    s->comparable &= 2 * s->now <= LOOKS_UNTIL_MS;
    for (int i = 0; i < 4; i++) {
        value[i] = flags & 2 ? input_double(in) : input_short(in) * 4096.0;
        s->comparable &= ordinary(value[i]);
    }
    s->lowest = fmin(s->lowest, fmin(value[0], value[1]));   /* live, lowest, */
    s->highest = fmax(s->highest, fmax(value[0], value[2])); /* highest */
    add(&s->once, s->now, value, 1);
    if (s->comparable)
        add(&s->twice, 2 * s->now, value, 2);
}

static struct series begin(struct input *in)
{
    struct series s;
    double floor = s.lowest = s.highest = input_double(in);
    s.now = input_short(in);
    uint64_t width = input_short(in);
    history_init(&s.once, 3, s.now, width, floor);
    check_history(&s.once);
    s.comparable = ordinary(floor) && width > 0 && s.now >= LOOKS_FROM_MS;
    if (s.comparable)
        history_init(&s.twice, 3, 2 * s.now, 2 * width, 2 * floor);
    return s;
}

/* However often windows were merged, none of what the site held least and most is forgotten. */
static void check_range(const struct series *s)
{
    const struct history *h = &s->once;
    float low = h->open.low, high = h->open.high;
    for (uint32_t i = 0; i < h->count; i++) {
        low = fminf(low, h->closed[i].low);
        high = fmaxf(high, h->closed[i].high);
    }
    CHECK(low == (float)s->lowest && high == (float)s->highest);
}

/* It knows no absolute size, and no absolute time but that. */
static void check_scale(const struct series *s)
{
    for (int ended = 0; ended < 2; ended++) {
        struct judgement once = judge(&s->once, ended), twice = judge(&s->twice, ended);
        CHECK(once.verdict == twice.verdict && once.shape == twice.shape);
        CHECK(once.freed_at_end == twice.freed_at_end && once.confidence == twice.confidence);
        CHECK(once.ratio == twice.ratio && once.held_octaves == twice.held_octaves);
        CHECK(once.bytes_per_s == twice.bytes_per_s && once.bytes_per_byte == twice.bytes_per_byte);
        CHECK(2 * once.floor_then == twice.floor_then && 2 * once.floor_now == twice.floor_now);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct series s = begin(&in);
    while (in.left)
        sample(&s, &in);
    check_judge(&s.once);
    if (s.comparable) {
        check_range(&s);
        check_scale(&s);
    }
    return 0;
}
