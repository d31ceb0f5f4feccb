/* See lives.h. */
#include "lives.h"

#include <stdlib.h>

#include "lens_sum.h"
#include "report.h"

#define MOST_LIVES 4096u
/* If sites without a history freed no more than this share of what they allocated, then each held since it
 * was first seen what it holds now. */
#define FREED_SHARE 0.1

uint64_t lives_slot_end(const struct lives *lives, uint32_t slot)
{
    uint64_t span = lives->end_ms - lives->start_ms;
    return lives->start_ms + span / LIFE_SLOTS * (slot + 1) + span % LIFE_SLOTS * (slot + 1) / LIFE_SLOTS;
}

/* ---- one life ---- */

static double allocated_until(const struct history *h, uint64_t ms)
{
    double sum = 0;
    uint32_t count = h->count < HISTORY_WINDOWS ? h->count : HISTORY_WINDOWS;
    for (uint32_t i = 0; i < count && h->start_ms + (i + 1) * h->width_ms <= ms; i++)
        sum += (double)h->closed[i].allocated;
    return ms >= h->last_ms ? h->allocated : sum;
}

static void live_with_history(struct life *life, const struct lives *lives)
{
    const struct history *h = life->finding->history;
    uint64_t from = lives->start_ms;
    for (uint32_t i = 0; i < LIFE_SLOTS; i++) {
        uint64_t until = lives_slot_end(lives, i);
        struct level level = lens_sum_level(h, life->live, from, until);
        life->low[i] = level.low;
        life->allocated[i] = allocated_until(h, until);
        if (i == LIFE_SLOTS / 2)
            life->high_then = level.high;
        from = until;
    }
}

/* since_ms: from when on it held what it holds now. */
static void live_without(struct life *life, const struct lives *lives, uint64_t since_ms)
{
    for (uint32_t i = 0; i < LIFE_SLOTS; i++)
        life->low[i] = life->allocated[i] = lives_slot_end(lives, i) > since_ms ? life->live : 0;
    life->high_then = life->low[LIFE_SLOTS / 2];
}

/* ---- all ---- */

/* By site id; free() it. NULL without memory. */
static bool *told_sites(const struct report *r)
{
    bool *told = calloc(r->ledger->used[AREA_SITES] + 1, sizeof *told);
    for (uint32_t i = 0; told && i < r->findings.count; i++) {
        const struct finding *f = &r->findings.items[i];
        told[f->site] = f->verdict == VERDICT_GROWING || f->runtime;
    }
    return told;
}

/* Also those that hold nothing any more: young sites may only stand where they stood. */
static int by_peak(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (x->peak_bytes < y->peak_bytes || x->peak_bytes > y->peak_bytes)
        return x->peak_bytes < y->peak_bytes ? 1 : -1;
    return (x->site > y->site) - (x->site < y->site);
}

static bool have_freed_little(const struct findings *all)
{
    double allocated = 0, freed = 0;
    for (uint32_t i = 0; i < all->count; i++)
        if (!all->items[i].history) {
            allocated += (double)all->items[i].sums.allocated_bytes;
            freed += (double)all->items[i].sums.freed_bytes;
        }
    return freed <= FREED_SHARE * allocated;
}

static void add(struct lives *lives, const struct finding *f, uint64_t since_ms)
{
    struct life *life = &lives->items[lives->count++];
    *life = (struct life){.finding = f, .live = f->live_bytes};
    if (f->history)
        live_with_history(life, lives);
    else
        live_without(life, lives, since_ms);
}

static void add_all(struct lives *lives, const struct report *r, const bool *told)
{
    bool kept = have_freed_little(&lives->all);
    for (uint32_t i = 0; i < lives->all.count && lives->count < MOST_LIVES; i++) {
        const struct finding *f = &lives->all.items[i];
        uint64_t since_ms = kept ? (uint64_t)ledger_site(r->ledger, f->site)->first_cs * 10 : 0;
        if (f->kind == SITE_HEAP && f->verdict != VERDICT_GROWING && !told[f->site])
            add(lives, f, since_ms);
    }
}

int lives_of(struct lives *lives, const struct report *r)
{
    *lives = (struct lives){.start_ms = r->head.warmup_ms, .end_ms = r->process.judged_ms};
    if (lives->end_ms < lives->start_ms)
        lives->end_ms = lives->start_ms;
    bool *told = told_sites(r);
    lives->items = calloc(MOST_LIVES, sizeof *lives->items);
    bool able =
        told && lives->items && findings_of(&lives->all, r->ledger, &r->head, &r->process, KEEP_EVERY) == 0;
    if (able && lives->all.count)
        qsort(lives->all.items, lives->all.count, sizeof *lives->all.items, by_peak);
    if (able)
        add_all(lives, r, told);
    else
        lives_free(lives);
    free(told);
    return able ? 0 : -1;
}

void lives_free(struct lives *lives)
{
    for (uint32_t i = 0; i < lives->count; i++)
        stack_free(&lives->items[i].stack);
    free(lives->items);
    findings_free(&lives->all);
    *lives = (struct lives){0};
}
