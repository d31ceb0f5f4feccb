/* See runtimes.h. Findings are dealt out to lenses by their stacks, summed, judged; then each member's
 * program-level frame is asked what it contributed. */
#include "runtimes.h"

#include <stdlib.h>

#include "lens_sum.h"
#include "report.h"

/* Real programs have some hundred sites of 64 KiB and more. A forged ledger may have millions, and each costs
 * a named stack: beyond this they stay findings of their own. */
#define MOST_FINDINGS 8192u

static void deal(struct runtimes *rs, struct report *r);
static int judge_runtime(struct runtimes *rs, struct report *r, uint32_t index);
static void calm_members(struct runtimes *rs, struct report *r, const struct suppressions *s);

int runtimes_of(struct runtimes *rs, struct report *r, const struct suppressions *suppressions)
{
    uint32_t lens_count = 0;
    while (lenses[lens_count])
        lens_count++;
    *rs = (struct runtimes){.items = calloc(lens_count, sizeof *rs->items)};
    bool failed = !rs->items;
    if (!failed)
        deal(rs, r);
    for (uint32_t i = 0; !failed && i < rs->count; i++)
        failed = judge_runtime(rs, r, i) != 0;
    if (failed) {
        runtimes_free(rs);
        for (uint32_t i = 0; i < r->findings.count; i++)
            r->findings.items[i].runtime = 0;
        return -1;
    }
    calm_members(rs, r, suppressions);
    return 0;
}

void runtimes_free(struct runtimes *rs)
{
    for (uint32_t i = 0; i < rs->count; i++)
        free(rs->items[i].callers);
    free(rs->items);
    *rs = (struct runtimes){0};
}

const struct runtime *runtimes_owner(const struct runtimes *rs, const struct finding *f)
{
    return f->runtime ? &rs->items[f->runtime - 1] : NULL;
}

void runtimes_know(struct runtimes *rs, struct report *r, uint32_t index)
{
    struct runtime *rt = &rs->items[index];
    rt->growing = false;
    rt->suppressed = rt->known = true;
    rs->growing--;
    rs->bytes_per_s -= rt->judgement.bytes_per_s;
    for (uint32_t i = 0; i < r->findings.count; i++) {
        struct finding *f = &r->findings.items[i];
        if (runtimes_owner(rs, f) == rt && f->verdict == VERDICT_GROWING)
            f->suppressed = f->known = true;
    }
}

/* ---- whose is it? ---- */

static uint32_t item_of(struct runtimes *rs, const struct lens *lens)
{
    uint32_t i = 0;
    while (i < rs->count && rs->items[i].lens != lens)
        i++;
    if (i == rs->count)
        rs->items[rs->count++].lens = lens;
    return i;
}

static void deal(struct runtimes *rs, struct report *r)
{
    uint32_t asked = 0;
    for (uint32_t i = 0; i < r->findings.count && asked < MOST_FINDINGS; i++) {
        struct finding *f = &r->findings.items[i];
        if (f->small) /* and its names need not be read; not counted, for only exports have them all */
            continue;
        asked++;
        const struct stack *stack = report_stack(r, i);
        for (uint32_t k = 0; lenses[k]; k++) {
            if (!lenses[k]->owns(stack, f->kind))
                continue;
            uint32_t item = item_of(rs, lenses[k]);
            f->runtime = (uint8_t)(item + 1);
            rs->items[item].members++;
            rs->items[item].requests += f->sums.allocations;
            break;
        }
    }
}

/* ---- what does it hold? ---- */

static bool is_nursery(const struct lens *lens, const struct stack *stack)
{
    return lens->is_nursery && lens->is_nursery(stack);
}

/* The window that holds most, of the last quarter: what was before a drain at the end. */
static uint64_t fullest_ms(const struct history *sum)
{
    uint32_t best = sum->count ? sum->count - 1 : 0;
    for (uint32_t i = sum->count - sum->count / 4; i < sum->count; i++)
        best = sum->closed[i].low > sum->closed[best].low ? i : best;
    return sum->start_ms + (best + (uint64_t)1) * sum->width_ms;
}

static void set_levels(struct runtime *rt)
{
    const struct history *h = &rt->history;
    rt->from_bytes = h->count ? (double)h->closed[0].low : (double)h->open.low;
    rt->live_bytes = (double)h->last_live;
    for (uint32_t i = 0; i < h->count; i++)
        rt->peak_bytes =
            (double)h->closed[i].high > rt->peak_bytes ? (double)h->closed[i].high : rt->peak_bytes;
    if (rt->judgement.freed_at_end)
        for (uint32_t i = h->count - h->count / 4; i < h->count; i++)
            rt->live_bytes =
                (double)h->closed[i].low > rt->live_bytes ? (double)h->closed[i].low : rt->live_bytes;
    rt->peak_bytes = rt->live_bytes > rt->peak_bytes ? rt->live_bytes : rt->peak_bytes;
}

/* What the member contributed: what it holds at the fullest, less what it held in the first quarter. */
static double contribution(const struct runtime *rt, const struct finding *f, uint64_t end_ms)
{
    uint64_t full = fullest_ms(&rt->history), width = rt->history.width_ms;
    double then = lens_sum_level(f->history, f->live_bytes, end_ms / 4 - end_ms / 16, end_ms / 4).low;
    double now = lens_sum_level(f->history, f->live_bytes, full - width, full).high;
    return rt->judgement.verdict == VERDICT_GROWING ? now - then : now;
}

static const struct call *program_call(const struct lens *lens, const struct stack *stack)
{
    for (uint32_t i = 0; i < stack->count; i++)
        if (lens->is_program(&stack->calls[i]))
            return &stack->calls[i];
    return NULL;
}

static void find_callers(const struct runtimes *rs, struct report *r, uint32_t index)
{
    struct runtime *rt = &rs->items[index];
    double all = 0, most = 0;
    for (uint32_t i = 0; i < r->findings.count; i++) {
        const struct finding *f = &r->findings.items[i];
        if (f->runtime != index + 1 || is_nursery(rt->lens, report_stack(r, i)))
            continue;
        const struct call *call = program_call(rt->lens, report_stack(r, i));
        double bytes = contribution(rt, f, r->process.judged_ms);
        all += bytes;
        if (bytes > most) {
            most = bytes;
            rt->strongest = f->site;
        }
        if (call)
            rt->callers_count = callers_add(rt->callers, rt->callers_count, call, f->site, bytes);
    }
    rt->callers_count = callers_rank(rt->callers, rt->callers_count, all);
}

static int judge_runtime(struct runtimes *rs, struct report *r, uint32_t index)
{
    struct runtime *rt = &rs->items[index];
    struct summand *items = calloc(rt->members, sizeof *items);
    uint32_t count = 0;
    if (!items)
        return -1;
    for (uint32_t i = 0; i < r->findings.count; i++) {
        const struct finding *f = &r->findings.items[i];
        if (f->runtime == index + 1 && !is_nursery(rt->lens, report_stack(r, i)))
            items[count++] = (struct summand){f->history, f->live_bytes};
    }
    lens_sum(&rt->history, items, count, r->process.judged_ms);
    free(items);
    rt->judgement = judge(&rt->history, r->process.exiting || !r->process.alive);
    set_levels(rt);
    rt->callers = calloc(rt->members, sizeof *rt->callers);
    if (!rt->callers)
        return -1;
    find_callers(rs, r, index);
    return 0;
}

/* ---- the verdict ---- */

static bool is_suppressed(const struct runtime *rt, const struct suppressions *s)
{
    if (!s || !s->count)
        return false;
    for (uint32_t i = 0; i < rt->callers_count && i < 1; i++)
        if (suppressions_match(s, rt->callers[i].call.symbol->function) ||
            suppressions_match(s, rt->callers[i].call.symbol->file))
            return true;
    return suppressions_match(s, rt->lens->heap);
}

/* A page-request site may climb while others give as much back: where their sum does not grow, none of them
 * does. Where it grows they are told by it. */
static void calm_members(struct runtimes *rs, struct report *r, const struct suppressions *s)
{
    for (uint32_t k = 0; k < rs->count; k++) {
        struct runtime *rt = &rs->items[k];
        bool grows = rt->judgement.verdict == VERDICT_GROWING && rt->live_bytes >= (double)r->head.min_bytes;
        rt->suppressed = grows && is_suppressed(rt, s);
        rt->growing = grows && !rt->suppressed;
        rs->growing += rt->growing;
        rs->bytes_per_s += rt->growing ? rt->judgement.bytes_per_s : 0;
    }
    for (uint32_t i = 0; i < r->findings.count; i++) {
        struct finding *f = &r->findings.items[i];
        const struct runtime *owner = runtimes_owner(rs, f);
        if (!owner || f->verdict != VERDICT_GROWING || owner->growing)
            continue;
        if (owner->suppressed)
            f->suppressed = true;
        else if (owner->judgement.verdict != VERDICT_UNDECIDED)
            f->verdict = VERDICT_BOUNDED;
    }
}
