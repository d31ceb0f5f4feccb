/* See lens_sum.h. Sites begin at different ages and their windows differ in width, so all are read on one
 * grid: as fine as a history that covers the whole run can be. */
#include "lens_sum.h"

#include "verdict.h"

static void widen(struct level *level, const struct window *w, bool *any)
{
    double low = (double)w->low, high = (double)w->high;
    level->low = !*any || low < level->low ? low : level->low;
    level->high = !*any || high > level->high ? high : level->high;
    *any = true;
}

struct level lens_sum_level(const struct history *h, double live, uint64_t from_ms, uint64_t to_ms)
{
    struct level level = {live, live};
    bool any = false;
    if (!h)
        return level;
    if (to_ms <= h->start_ms)
        return (struct level){0, 0};
    uint32_t count = h->count < HISTORY_WINDOWS ? h->count : HISTORY_WINDOWS;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t start = h->start_ms + i * h->width_ms;
        if (start < to_ms && start + h->width_ms > from_ms)
            widen(&level, &h->closed[i], &any);
    }
    if (h->open_ms < to_ms)
        widen(&level, &h->open, &any);
    return level;
}

void lens_sum(struct history *sum, const struct summand *items, uint32_t count, uint64_t end_ms)
{
    uint64_t width = end_ms / HISTORY_WINDOWS + 1, from = 0;
    history_init(sum, 0, 0, width, 0);
    for (uint64_t until; from < end_ms; from = until) {
        until = width < end_ms - from ? from + width : end_ms;
        double low = 0, last = 0;
        for (uint32_t i = 0; i < count; i++) {
            const struct history *h = items[i].history;
            low += lens_sum_level(h, items[i].live, from, until).low;
            last += h ? (double)h->last_live : items[i].live;
        }
        if (history_add(sum, until, until == end_ms ? last : low, low, low, 0) > 0)
            judge_step(sum);
    }
}
