/* See containers.h. */
#include "containers.h"

#include <string.h>

#include "report.h"
#include "wrappers.h"

/* Growing sites that are looked at: each with each, and their names are read. */
#define MOST_SITES 256u
/* A container has so few blocks, each of which came in place of others. */
#define MOST_BLOCKS    4u
#define LEAST_REPLACED 4u
#define MOST_REPLACED  1000u
/* Its elements are many, and have so many bytes of it each: a pointer in an array that is full, up to an
 * entry of a table that is half empty. */
#define LEAST_ELEMENTS 64u
#define LEAST_SLOT     4.0
#define MOST_SLOT      128.0
/* Calls above the one that names a site, in which both meet. */
#define REACH 4u

static bool counts(const struct finding *f)
{
    return f->verdict == VERDICT_GROWING && f->kind == SITE_HEAP && !f->suppressed && !f->runtime;
}

/* How many blocks it had when it held what counts; an estimate where they were freed at the end. */
static double blocks_of(const struct finding *f)
{
    if (!f->freed_at_end)
        return (double)f->sums.live_blocks;
    return f->live_bytes * (double)f->sums.allocations / (double)(f->sums.allocated_bytes | 1);
}

/* One that was freed counts as one block: the mean of all sizes that it ever had says nothing of the last. */
static bool is_container(const struct finding *f)
{
    uint64_t blocks = f->freed_at_end ? 1 : f->sums.live_blocks;
    return counts(f) && blocks && blocks <= MOST_BLOCKS && f->sums.allocations >= LEAST_REPLACED * blocks &&
           f->sums.allocations <= MOST_REPLACED * blocks;
}

static bool may_hold(const struct finding *container, const struct finding *f)
{
    double elements = blocks_of(f);
    return counts(f) && elements >= LEAST_ELEMENTS && container->live_bytes >= LEAST_SLOT * elements &&
           container->live_bytes <= MOST_SLOT * elements;
}

static bool same_function(const struct call *a, const struct call *b)
{
    if (a->symbol == b->symbol)
        return true;
    return a->symbol->function && b->symbol->function &&
           strcmp(a->symbol->function, b->symbol->function) == 0 && !wrappers_is_start(a->symbol->function);
}

/* Calls from the two sites to where they meet; UINT32_MAX: they do not. */
static uint32_t distance(const struct stack *a, const struct stack *b)
{
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < REACH && a->named + i < a->count; i++)
        for (uint32_t j = 0; j < REACH && b->named + j < b->count; j++)
            if (same_function(&a->calls[a->named + i], &b->calls[b->named + j]) && i + j < least)
                least = i + j;
    return least;
}

/* The site whose blocks it holds, by id, the nearest; 0: none. */
static uint32_t elements_of(struct report *r, uint32_t container, uint32_t count)
{
    const struct finding *items = r->findings.items;
    uint32_t least = UINT32_MAX, site = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i == container || !may_hold(&items[container], &items[i]))
            continue;
        uint32_t between = distance(report_stack(r, container), report_stack(r, i));
        if (between < least) {
            least = between;
            site = items[i].site;
        }
    }
    return site;
}

void containers_find(struct report *r)
{
    uint32_t count = r->findings.growing < MOST_SITES ? r->findings.growing : MOST_SITES;
    for (uint32_t i = 0; i < count; i++)
        if (is_container(&r->findings.items[i]))
            r->findings.items[i].holds = elements_of(r, i, count);
}
