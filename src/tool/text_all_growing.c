/* See text.h. All that grows, each thing once: what is at one place, an array with what it holds, groups in
 * between. */
#include <stdio.h>
#include <string.h>

#include "text.h"

/* Growing sites beyond this are not grouped by place: comparing them is quadratic. */
#define MOST_GROUPED 256u

static bool same_place(const struct call *a, const struct call *b)
{
    if (!a || !b)
        return false;
    if (a->symbol == b->symbol)
        return true;
    return a->symbol->function && b->symbol->function && a->symbol->file && b->symbol->file &&
           a->symbol->line == b->symbol->line && strcmp(a->symbol->function, b->symbol->function) == 0 &&
           strcmp(a->symbol->file, b->symbol->file) == 0;
}

/* The first growing finding at the same place as this one: itself, mostly. */
static uint32_t leader_of(struct report *r, uint32_t finding)
{
    const struct call *call = stack_named(report_stack(r, finding));
    for (uint32_t i = 0; i < finding && i < MOST_GROUPED; i++)
        if (same_place(stack_named(report_stack(r, i)), call))
            return i;
    return finding;
}

/* Many stacks may lead to one place that grows: it is shown once, with its strongest stack. */
static void share_places(struct report *r, struct company *all, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t leader = leader_of(r, i);
        all[i].follows = leader != i || report_told_by_runtime(r, i);
        if (leader == i || report_told_by_runtime(r, i))
            continue;
        all[leader].others++;
        all[leader].bytes_per_s += r->findings.items[i].judgement.bytes_per_s;
    }
}

/* An array is told with what it holds. */
static void share_containers(struct report *r, struct company *all, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t holds = r->findings.items[i].holds;
        if (!holds || all[i].follows || all[i].others || all[i].held_by)
            continue;
        uint32_t leader = leader_of(r, report_finding_of(r, holds));
        if (leader >= count || leader == i || all[leader].follows || all[leader].held_by)
            continue;
        all[i].follows = true;
        all[leader].held_by = i + 1;
    }
}

/* Those from *next on that grow faster than this; how many were shown. */
static uint32_t print_groups(const struct text *t, struct report *r, uint32_t *next, double bytes_per_s,
                             uint32_t shown)
{
    for (; *next < r->groups.count && shown < r->top; ++*next) {
        const struct group *g = &r->groups.items[*next];
        if (g->judgement.bytes_per_s <= bytes_per_s)
            break;
        if (!g->known)
            text_group(t, r, g, ++shown);
    }
    return shown;
}

void text_all_growing(const struct text *t, struct report *r)
{
    uint32_t growing = r->findings.growing, shown = 0, next = 0, i;
    uint32_t shared = growing < MOST_GROUPED ? growing : MOST_GROUPED;
    struct company all[MOST_GROUPED] = {0};
    for (i = 0; i < r->runtimes.count; i++)
        if (r->runtimes.items[i].growing)
            text_runtime(t, r, &r->runtimes.items[i], ++shown);
    share_places(r, all, shared);
    share_containers(r, all, shared);
    for (i = 0; i < shared; i++) {
        if (all[i].follows)
            continue;
        double rate = r->findings.items[i].judgement.bytes_per_s + all[i].bytes_per_s;
        shown = print_groups(t, r, &next, rate, shown);
        if (shown >= r->top)
            break;
        text_growing(t, r, i, ++shown, &all[i]);
    }
    shown = print_groups(t, r, &next, 0, shown);
    uint32_t left = growing - shared + r->groups.count - next; /* a runtime's own among them are few */
    for (; i < shared; i++)
        left += !all[i].follows;
    if (left)
        fprintf(t->out, "\n... and %u more that grow (--top N shows more, --format json all)\n", left);
}
