/* See groups.h. */
#include "groups.h"

#include <stdlib.h>
#include <string.h>

#include "crowds.h"
#include "report.h"
#include "wrappers.h"

/* In less time than this a program is still starting up, in many places at once. */
#define YOUNG_MS 5000
/* Fewer stacks than this are told by themselves, when they are large enough. */
#define LEAST_STACKS 4u
/* The judge's: sums are rougher than a site's own figures. */
#define LEAST_CONFIDENCE 0.5F
#define MOST_FRAMES      128u

struct gathering {
    struct report *report;
    struct lives lives;
    struct crowds crowds;
};

/* ---- the verdict ---- */

static void sum_up(const struct lives *lives, const struct crowd *c, struct group *group)
{
    double low[LIFE_SLOTS] = {0}, allocated[LIFE_SLOTS] = {0};
    for (uint32_t m = 0; m < c->count; m++) {
        const struct life *life = c->members[m].life;
        if (life->taken)
            continue;
        for (uint32_t i = 0; i < LIFE_SLOTS; i++) {
            low[i] += life->low[i];
            allocated[i] += life->allocated[i];
        }
        group->stacks++;
        group->live_bytes += life->live;
        group->live_blocks += life->finding->sums.live_blocks;
    }
    uint64_t width = (lives->end_ms - lives->start_ms) / LIFE_SLOTS;
    history_init(&group->history, 0, lives->start_ms, width ? width : 1, lives->start_ms ? low[0] : 0);
    for (uint32_t i = 0; i < LIFE_SLOTS; i++)
        if (history_add(&group->history, lives_slot_end(lives, i), low[i], low[i], low[i], allocated[i]) > 0)
            judge_step(&group->history);
    group->from_bytes = low[0];
}

static bool grows(const struct gathering *g, const struct crowd *c, struct group *group)
{
    const struct report *r = g->report;
    *group = (struct group){0};
    if (c->count < LEAST_STACKS || !crowd_has_grown(c))
        return false;
    sum_up(&g->lives, c, group);
    if (group->stacks < LEAST_STACKS || group->live_bytes - group->from_bytes < (double)r->head.min_bytes)
        return false;
    group->judgement = judge(&group->history, r->process.exiting || !r->process.alive);
    return group->judgement.verdict == VERDICT_GROWING && group->judgement.confidence >= LEAST_CONFIDENCE;
}

/* ---- the list ---- */

/* The one that holds most. */
static const struct member *strongest(const struct crowd *c)
{
    const struct member *best = NULL;
    for (uint32_t m = 0; m < c->count; m++)
        if (!c->members[m].life->taken && (!best || c->members[m].life->live > best->life->live))
            best = &c->members[m];
    return best;
}

/* Takes the sites, and the stack of one. */
static bool keep(struct groups *gs, const struct crowd *c, struct group *group)
{
    struct group *items = realloc(gs->items, (gs->count + 1) * sizeof *items);
    if (!items)
        return false;
    const struct member *best = strongest(c);
    group->stack = best->life->stack;
    group->at = best->at;
    group->strongest = best->life->finding->site;
    best->life->stack = (struct stack){0};
    for (uint32_t m = 0; m < c->count; m++)
        c->members[m].life->taken = true;
    gs->items = items;
    gs->items[gs->count++] = *group;
    gs->growing++;
    gs->bytes_per_s += group->judgement.bytes_per_s;
    return true;
}

static int nearest_first(const void *a, const void *b)
{
    const struct crowd *x = *(struct crowd *const *)a, *y = *(struct crowd *const *)b;
    double dx = (double)x->distance / x->count, dy = (double)y->distance / y->count;
    if (dx < dy || dx > dy)
        return dx < dy ? -1 : 1;
    return strcmp(x->key, y->key);
}

static int by_growth(const void *a, const void *b)
{
    double x = ((const struct group *)a)->judgement.bytes_per_s;
    double y = ((const struct group *)b)->judgement.bytes_per_s;
    return (x < y) - (x > y);
}

static bool judge_all(struct groups *gs, struct gathering *g)
{
    uint32_t n = 0;
    struct crowd **order = calloc(HASH_COUNT(g->crowds.all) + (size_t)1, sizeof *order);
    bool able = order != NULL;
    if (!able)
        return false;
    for (struct crowd *c = g->crowds.all; c; c = c->hh.next)
        order[n++] = c;
    qsort(order, n, sizeof(struct crowd *), nearest_first);
    for (uint32_t i = 0; able && i < n; i++) {
        struct group group;
        if (grows(g, order[i], &group))
            able = keep(gs, order[i], &group);
    }
    free(order);
    if (gs->count)
        qsort(gs->items, gs->count, sizeof *gs->items, by_growth);
    return able;
}

/* ---- who has what in common ---- */

static bool join_by_address(struct gathering *g, struct life *life)
{
    struct frame frames[MOST_FRAMES];
    uint32_t count = ledger_stack(g->report->ledger, life->finding->node, frames, MOST_FRAMES);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t key[2] = {frames[i].module, frames[i].offset};
        if (!crowds_join(&g->crowds, key, sizeof key, (struct member){life, i}, i))
            return false;
    }
    return true;
}

/* By its name and its module's: where there is no name, by the call's own symbol. */
static bool join_by_call(struct gathering *g, struct life *life, uint32_t at)
{
    const struct call *call = &life->stack.calls[at];
    uint32_t distance = at - life->stack.named;
    char *key = NULL;
    if (!call->symbol->function)
        return crowds_join(&g->crowds, &call->symbol, sizeof call->symbol, (struct member){life, at},
                           distance);
    int length = asprintf(&key, "%s@%s", call->symbol->function, call->spot->module);
    bool able =
        length >= 0 && crowds_join(&g->crowds, key, (size_t)length, (struct member){life, at}, distance);
    if (length >= 0)
        free(key);
    return able;
}

/* Takes part in nothing if it is suppressed. */
static bool join_by_function(struct gathering *g, struct life *life)
{
    const struct report *r = g->report;
    uint64_t first_ms = (uint64_t)ledger_site(r->ledger, life->finding->site)->first_cs * 10;
    life->stack = stack_of(r->symbols, r->ledger, life->finding->node, first_ms);
    if (r->suppressions) {
        stack_name_anew(&life->stack, r->suppressions);
        if (stack_suppressed(&life->stack, r->suppressions))
            return true;
    }
    for (uint32_t i = life->stack.named; i < life->stack.count; i++)
        if (!wrappers_is_start(life->stack.calls[i].symbol->function) && !join_by_call(g, life, i))
            return false;
    return true;
}

static bool join_all(struct gathering *g, bool (*join)(struct gathering *, struct life *))
{
    crowds_free(&g->crowds);
    for (uint32_t i = 0; i < g->lives.count; i++)
        if (!join(g, &g->lives.items[i]))
            return false;
    return true;
}

/* Names cost far more than sums, and are read only where those that share an address grow: whoever shares a
 * function shares an address below it, as a rule. */
static bool may_grow(struct gathering *g)
{
    struct group group;
    for (const struct crowd *c = g->crowds.all; c; c = c->hh.next)
        if (grows(g, c, &group))
            return true;
    return false;
}

int groups_of(struct groups *gs, struct report *r)
{
    struct gathering g = {.report = r};
    *gs = (struct groups){0};
    if (r->process.judged_ms < r->head.warmup_ms || r->process.judged_ms - r->head.warmup_ms < YOUNG_MS)
        return 0;
    bool able = lives_of(&g.lives, r) == 0 && join_all(&g, join_by_address);
    if (able && may_grow(&g))
        able = join_all(&g, join_by_function) && judge_all(gs, &g);
    crowds_free(&g.crowds);
    lives_free(&g.lives);
    if (!able)
        groups_free(gs);
    return able ? 0 : -1;
}

void groups_free(struct groups *gs)
{
    for (uint32_t i = 0; i < gs->count; i++)
        stack_free(&gs->items[i].stack);
    free(gs->items);
    *gs = (struct groups){0};
}

void groups_know(struct groups *gs, uint32_t index)
{
    gs->items[index].known = true;
    gs->growing--;
    gs->bytes_per_s -= gs->items[index].judgement.bytes_per_s;
}

const struct call *group_call(const struct group *g)
{
    return &g->stack.calls[g->at];
}
