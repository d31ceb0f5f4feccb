/* See findings.h. */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

/* What all sites are judged against. */
struct bench {
    const struct ledger *ledger;
    const struct ledger_header *head;
    const struct process *process;
    enum findings_keep keep;
};

static void add_totals(struct totals *t, const struct site *site, const struct sums *s);
static void add_excluded(struct totals *t, const struct sums *s);
static bool is_excluded(const struct ledger_header *head, uint32_t id);
static bool judge_site(const struct bench *b, uint32_t id, const struct sums *sums, struct finding *out);
static int keep(struct findings *f, uint32_t *room, const struct finding *finding);

int findings_of(struct findings *f, const struct ledger *l, const struct ledger_header *head,
                const struct process *process, enum findings_keep which)
{
    struct bench b = {l, head, process, which};
    uint32_t sites = (uint32_t)l->used[AREA_SITES], room = 0;
    *f = (struct findings){0};
    struct sums *sums = malloc((sites + (size_t)1) * sizeof *sums);
    int result = sums ? 0 : -1;
    if (sums)
        ledger_all_sums(l, sums);
    for (uint32_t id = 0; result == 0 && id < sites; id++) {
        struct finding finding;
        add_totals(&f->totals, ledger_site(l, id), &sums[id]);
        if (is_excluded(head, id))
            add_excluded(&f->totals, &sums[id]);
        else if (judge_site(&b, id, &sums[id], &finding))
            result = keep(f, &room, &finding);
    }
    free(sums);
    if (result != 0)
        findings_free(f);
    findings_sort(f);
    return result;
}

void findings_free(struct findings *f)
{
    for (uint32_t i = 0; i < f->count; i++)
        free(f->items[i].history);
    free(f->items);
    *f = (struct findings){0};
}

static void add_totals(struct totals *t, const struct site *site, const struct sums *s)
{
    t->sites += s->allocations > 0;
    t->allocations += s->allocations;
    t->frees += s->frees;
    t->allocated_bytes += s->allocated_bytes;
    t->freed_bytes += s->freed_bytes;
    t->live_bytes = t->allocated_bytes > t->freed_bytes ? t->allocated_bytes - t->freed_bytes : 0;
    t->live_blocks += s->live_blocks;
    t->in_flight += s->in_flight;
    if (site->kind == SITE_MMAP)
        t->mmap_bytes += s->live_bytes;
    else
        t->heap_bytes += s->live_bytes;
}

/* What the program excluded is no call site, and no growth of it is of interest. */
static bool is_excluded(const struct ledger_header *head, uint32_t id)
{
    return id && (id == head->excluded[SITE_HEAP] || id == head->excluded[SITE_MMAP]);
}

static void add_excluded(struct totals *t, const struct sums *s)
{
    t->sites -= s->allocations > 0;
    t->excluded_allocations += s->allocations;
    t->excluded_live_blocks += s->live_blocks;
    t->excluded_live_bytes += s->live_bytes;
}

/* ---- one site ---- */

/* Brings a copy of the history up to the present. Once exit has begun the program takes itself apart, and
 * what it frees on the way out says nothing: then the last level that was seen stays. */
static void catch_up(struct history *h, const struct bench *b, const struct sums *s)
{
    double live = (double)s->live_bytes;
    uint64_t now = b->process->judged_ms;
    if (b->head->exit_began_ms && live < (double)h->last_live)
        live = (double)h->last_live;
    if (now >= h->last_ms && history_add(h, now, live, live, live, (double)s->allocated_bytes) > 0)
        judge_step(h);
}

static double peak_of(const struct history *h, double live)
{
    double peak = (double)h->open.high > live ? (double)h->open.high : live;
    for (uint32_t i = 0; i < h->count; i++)
        peak = (double)h->closed[i].high > peak ? (double)h->closed[i].high : peak;
    return peak;
}

/* The highest level that the site did not fall below for a whole window: what it held before a drain. */
static double highest_low(const struct history *h)
{
    double highest = 0;
    for (uint32_t i = 0; i < h->count; i++)
        highest = (double)h->closed[i].low > highest ? (double)h->closed[i].low : highest;
    return highest;
}

static void use_history(struct finding *f, const struct history *h, const struct bench *b)
{
    double live = (double)f->sums.live_bytes;
    f->judgement = judge(h, b->process->exiting);
    f->verdict = f->judgement.verdict;
    if (b->head->exit_began_ms && (double)h->last_live > live)
        live = (double)h->last_live;
    if (f->judgement.freed_at_end && highest_low(h) > live)
        live = highest_low(h);
    f->live_bytes = live;
    f->freed_at_end = f->verdict == VERDICT_GROWING && (double)f->sums.live_bytes < live / 2;
    f->from_bytes = h->count ? (double)h->closed[0].low : (double)h->open.low;
    f->peak_bytes = peak_of(h, live);
    f->at_peak_bytes = h->peak_epoch == b->head->peak_epoch ? (double)h->at_peak : (double)f->sums.live_bytes;
}

/* A site that never earned a history has hardly moved: what it holds, it was set up with. */
static void use_sums(struct finding *f, const struct bench *b)
{
    f->live_bytes = f->peak_bytes = f->at_peak_bytes = (double)f->sums.live_bytes;
    f->verdict = f->live_bytes >= (double)b->head->min_bytes ? VERDICT_RESIDENT : VERDICT_UNDECIDED;
    f->judgement.verdict = f->verdict;
}

static bool keep_history(struct finding *f, const struct history *h)
{
    f->history = malloc(sizeof *h);
    if (f->history)
        *f->history = *h;
    return f->history != NULL;
}

/* Without a threshold every site that ever allocated is asked for, live or not. */
static bool is_asked(const struct bench *b, const struct finding *f)
{
    if (b->keep == KEEP_EVERY)
        return f->sums.allocations > 0 || f->live_bytes > 0;
    if (f->small)
        return b->keep == KEEP_LIVE && f->live_bytes > 0;
    return b->head->min_bytes > 0 ? f->peak_bytes > 0 : f->sums.allocations > 0;
}

/* False: nothing to tell about this site. */
static bool judge_site(const struct bench *b, uint32_t id, const struct sums *sums, struct finding *out)
{
    const struct site *site = ledger_site(b->ledger, id);
    struct history history;
    *out = (struct finding){.site = id, .node = site->node, .sums = *sums};
    out->kind = site->kind == SITE_MMAP ? SITE_MMAP : SITE_HEAP;
    bool has_history =
        ledger_history(b->ledger, __atomic_load_n(&site->history, __ATOMIC_ACQUIRE), id, &history);
    if (has_history) {
        catch_up(&history, b, sums);
        use_history(out, &history, b);
    } else {
        use_sums(out, b);
    }
    double threshold = (double)b->head->min_bytes;
    if (out->verdict == VERDICT_GROWING && out->live_bytes < threshold)
        out->verdict = VERDICT_UNDECIDED;
    out->small = out->peak_bytes < threshold;
    if (!is_asked(b, out))
        return false;
    if (has_history)
        keep_history(out, &history);
    return true;
}

/* Takes the finding's history over. */
static int keep(struct findings *f, uint32_t *room, const struct finding *finding)
{
    if (f->count == *room) {
        uint32_t more = *room ? *room * 2 : 64;
        struct finding *items = realloc(f->items, more * sizeof *items);
        if (!items) {
            free(finding->history);
            return -1;
        }
        f->items = items;
        *room = more;
    }
    f->items[f->count++] = *finding;
    return 0;
}

/* ---- order ---- */

static int rank(const struct finding *f)
{
    return f->verdict != VERDICT_GROWING ? 2 : f->suppressed;
}

static int descending(double a, double b)
{
    return (a < b) - (a > b);
}

/* Growing by growth, then suppressed growth, then the rest by live bytes; ids decide ties, so that two
 * reports of one ledger are the same. */
static int by_weight(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int order = rank(x) - rank(y);
    if (order == 0)
        order = x->verdict == VERDICT_GROWING
                    ? descending(x->judgement.bytes_per_s, y->judgement.bytes_per_s)
                    : descending((double)x->sums.live_bytes, (double)y->sums.live_bytes);
    if (order == 0)
        order = descending(x->live_bytes, y->live_bytes);
    return order ? order : (x->site > y->site) - (x->site < y->site);
}

void findings_sort(struct findings *f)
{
    f->growing = 0;
    f->bytes_per_s = 0;
    if (f->count)
        qsort(f->items, f->count, sizeof *f->items, by_weight);
    while (f->growing < f->count && rank(&f->items[f->growing]) == 0)
        f->bytes_per_s += f->items[f->growing++].judgement.bytes_per_s;
}
