/* A site's history and its judge, fed with any series: windows stay in order, figures stay figures.
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

static uint64_t sample(struct history *h, struct input *in, uint64_t now)
{
    uint8_t flags = input_byte(in);
    uint64_t passed = flags & 1 ? input_word(in) : input_byte(in);
    double value[4];
    now = passed < MOST_MS - now ? now + passed : now;
    for (int i = 0; i < 4; i++)
        value[i] = flags & 2 ? input_double(in) : input_short(in) * 4096.0;
    if (history_add(h, now, value[0], value[1], value[2], value[3]) > 0)
        step(h);
    return now;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct history h;
    double floor = input_double(&in);
    uint64_t now = input_short(&in);
    history_init(&h, 3, now, input_short(&in), floor);
    check_history(&h);
    while (in.left) {
        now = sample(&h, &in, now);
        check_history(&h);
        CHECK(h.last_ms == now && h.site == 3);
    }
    check_judge(&h);
    return 0;
}
