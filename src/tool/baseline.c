/* See baseline.h. */
#include "baseline.h"

#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "pairs.h"

int baseline_read(struct kept *baseline, const char *file, const struct settings *settings)
{
    if (kept_read(baseline, file, settings) != 0)
        return -1;
    if (pairs_merge(baseline) == 0)
        return 0;
    complain("%s: out of memory", file);
    kept_free(baseline);
    return -1;
}

/* Of several findings at one place the leader has the partner, which is that of all of them. */
static void mark(struct report *r, const struct kept *now, const struct kept *baseline,
                 const uint32_t *partner)
{
    for (uint32_t i = 0; i < now->count; i++) {
        uint32_t old = partner[now->sites[i].leader];
        if (old == PAIRS_NONE || !(baseline->sites[old].growing || baseline->sites[old].told))
            continue;
        struct finding *f = &r->findings.items[i];
        f->known = f->suppressed = true;
        f->known_rate = now->sites[i].leader == i ? baseline->sites[old].bytes_per_s : 0;
    }
}

/* Of a runtime's heap there is one in a process: it is known by its name. */
static bool has_heap(const struct kept *baseline, const char *heap)
{
    for (uint32_t i = 0; i < baseline->count; i++)
        if (baseline->sites[i].growing && baseline->sites[i].count == 1 &&
            !*baseline->sites[i].frames[0].module && strcmp(baseline->sites[i].frames[0].function, heap) == 0)
            return true;
    return false;
}

static void mark_runtimes(struct report *r, const struct kept *baseline)
{
    for (uint32_t i = 0; i < r->runtimes.count; i++)
        if (r->runtimes.items[i].growing && has_heap(baseline, r->runtimes.items[i].lens->heap))
            runtimes_know(&r->runtimes, r, i);
}

/* By the function where its stacks become one. */
static bool has_group(const json_t *groups, const char *function)
{
    size_t i;
    const json_t *group;
    json_array_foreach(groups, i, group)
    {
        const char *known = json_string_value(json_object_get(group, "function"));
        if (known && function && strcmp(known, function) == 0)
            return true;
    }
    return false;
}

static void mark_groups(struct report *r, const struct kept *baseline)
{
    const json_t *groups = json_object_get(baseline->json, "groups");
    for (uint32_t i = 0; i < r->groups.count; i++)
        if (has_group(groups, group_call(&r->groups.items[i])->symbol->function))
            groups_know(&r->groups, i);
}

/* What grows now is compared with what grew then: a place that merely held memory is none that is known to
 * grow. */
static int pair_and_mark(struct report *r, struct kept *now, const struct kept *baseline)
{
    uint32_t *partner = pairs_merge(now) == 0 ? pairs_find(baseline, now) : NULL;
    if (!partner)
        return -1;
    mark(r, now, baseline, partner);
    free(partner);
    return 0;
}

int baseline_apply(struct report *r, const struct kept *baseline)
{
    struct kept now;
    if (kept_of_report(&now, r) != 0)
        return -1;
    int result = pair_and_mark(r, &now, baseline);
    kept_free(&now);
    mark_runtimes(r, baseline);
    mark_groups(r, baseline);
    for (uint32_t i = 0; i < r->findings.count; i++)
        report_forget_stack(r, i); /* sorting moves findings */
    findings_sort(&r->findings);
    return result;
}
