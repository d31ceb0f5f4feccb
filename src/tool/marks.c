/* See marks.h. */
#include "marks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARK_SHARED (LEDGER_MARKS - 1)

/* ---- phases and threads ---- */

static uint64_t within(int64_t ms, uint64_t most)
{
    return ms < 0 ? 0 : (uint64_t)ms < most ? (uint64_t)ms : most;
}

static const char *name_of(const struct ledger *l, const struct mark *m, uint32_t i)
{
    return i && i != MARK_SHARED ? ledger_text(l, m->name) : "";
}

/* Who is in a phase now has entered it once more than left it: the present is what is missing. */
static struct phase phase_of(const struct ledger *l, const struct ledger_header *head, uint32_t i,
                             uint64_t now_ms, double live_bytes, bool now)
{
    const struct mark *m = &head->phases[i];
    double live = (double)m->live_bytes + (now ? live_bytes : 0);
    int64_t ms = m->ms;
    if (now && __builtin_add_overflow(ms, (int64_t)now_ms, &ms))
        ms = 0;
    return (struct phase){.name = name_of(l, m, i),
                          .others = i == MARK_SHARED,
                          .times = m->times + (i == 0 && m->times < UINT32_MAX),
                          .ms = within(ms, now_ms),
                          .live_bytes = live,
                          .mark = i};
}

static void add_phases(struct marks *m, const struct ledger *l, const struct ledger_header *head,
                       uint64_t now_ms, double live_bytes)
{
    uint32_t last = (head->changes_begun - 1) % LEDGER_CHANGES;
    uint32_t now = head->changes[last] & ((1u << CHANGE_SHIFT) - 1);
    for (uint32_t i = 0; i < LEDGER_MARKS; i++)
        if (i == 0 || head->phases[i].times)
            m->phases[m->phases_count++] = phase_of(l, head, i, now_ms, live_bytes, i == now);
}

static void add_threads(struct marks *m, const struct ledger *l, const struct ledger_header *head)
{
    for (uint32_t i = 1; i < LEDGER_MARKS; i++)
        if (head->threads[i].times)
            m->threads[m->threads_count++] =
                (struct named_thread){.name = name_of(l, &head->threads[i], i),
                                      .others = i == MARK_SHARED,
                                      .threads = head->threads[i].times,
                                      .live_bytes = (double)head->threads[i].live_bytes};
}

/* ---- changes, one by one ---- */

static uint64_t age_of(uint64_t change)
{
    return change >> CHANGE_SHIFT;
}

static int by_age(const void *a, const void *b)
{
    uint64_t x = age_of(*(const uint64_t *)a), y = age_of(*(const uint64_t *)b);
    return (x > y) - (x < y);
}

/* Threads that change the phase at once leave their changes in any order; a sort that moves equals would make
 * another order of those that came within a tick of the clock. */
static void sort_changes(struct marks *m)
{
    for (uint32_t i = 1; i < m->changes_count; i++)
        for (uint32_t j = i; j && by_age(&m->changes[j - 1], &m->changes[j]) > 0; j--) {
            uint64_t later = m->changes[j - 1];
            m->changes[j - 1] = m->changes[j];
            m->changes[j] = later;
        }
}

static void add_changes(struct marks *m, const struct ledger_header *head)
{
    uint32_t begun = head->changes_begun;
    uint32_t first = begun > LEDGER_CHANGES ? begun - LEDGER_CHANGES : 0;
    for (uint32_t i = first; i != begun; i++)
        m->changes[m->changes_count++] = head->changes[i % LEDGER_CHANGES];
    sort_changes(m);
    m->since_ms = first ? age_of(m->changes[0]) : 0;
}

struct marks marks_of(const struct ledger *l, const struct ledger_header *head, uint64_t now_ms,
                      double live_bytes)
{
    struct marks m = {.torn = head->changes_begun != head->changes_done};
    if (head->changes_begun) {
        add_phases(&m, l, head, now_ms, live_bytes);
        add_changes(&m, head);
    }
    add_threads(&m, l, head);
    return m;
}

/* ---- growth of a site ---- */

static double overlap(double from, double to, double begin, double end)
{
    double low = from > begin ? from : begin, high = to < end ? to : end;
    return high > low ? high - low : 0;
}

/* Shares what was gained between two ages out to the phases of that time. */
static void share_out(const struct marks *m, double from, double to, double gained,
                      double by_mark[LEDGER_MARKS])
{
    if (to <= from)
        to = from + 1;
    for (uint32_t i = 0; i <= m->changes_count; i++) {
        uint32_t mark = i ? (uint32_t)(m->changes[i - 1] & ((1u << CHANGE_SHIFT) - 1)) : 0;
        double begin = i ? (double)age_of(m->changes[i - 1]) : 0;
        double end = i < m->changes_count ? (double)age_of(m->changes[i]) : INFINITY;
        by_mark[mark % LEDGER_MARKS] += gained * overlap(from, to, begin, end) / (to - from);
    }
}

/* A window's low is what the site held when it began, for one that climbs: what was gained until the low of
 * the next was gained in the window. */
static void share_windows(const struct marks *m, const struct finding *f, double now_ms,
                          double by_mark[LEDGER_MARKS])
{
    const struct history *h = f->history;
    double from = (double)h->start_ms, width = (double)h->width_ms, low = f->from_bytes;
    for (uint32_t i = 0; i < h->count && i < HISTORY_WINDOWS; i++) {
        double next = i + 1 < h->count ? (double)h->closed[i + 1].low : (double)h->open.low;
        if (f->freed_at_end && next < low) /* what live_bytes leaves out, too */
            next = low;
        share_out(m, from + i * width, from + (i + 1.0) * width, next - low, by_mark);
        low = next;
    }
    share_out(m, from + h->count * width, now_ms, f->live_bytes - low, by_mark);
}

bool marks_growth(const struct marks *m, const struct finding *f, uint64_t now_ms,
                  double growth[LEDGER_MARKS])
{
    double by_mark[LEDGER_MARKS] = {0};
    if (!m->phases_count || !f->history || f->history->start_ms < m->since_ms)
        return false;
    share_windows(m, f, (double)now_ms, by_mark);
    for (uint32_t i = 0; i < m->phases_count; i++)
        growth[i] = isfinite(by_mark[m->phases[i].mark]) ? by_mark[m->phases[i].mark] : 0;
    return true;
}
