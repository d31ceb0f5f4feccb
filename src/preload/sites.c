/* See sites.h: the slow half, from a walk to nodes and a site in the ledger.
 *
 * The sites of a node (of blocks, of mappings) are a chain, like the nodes of nodes.c: insert-only, and
 * whoever loses a race finds the winner's; its own site stays unused (node 0: readers skip it).
 */
#include "sites.h"

#include <dlfcn.h>

#include "book.h"
#include "clock.h"
#include "memory.h"
#include "modules.h"
#include "nodes.h"

uint64_t *sites_cache;

/* Our own code, whose frames (the wrapper of main, operators that pass on) are nobody's call site. */
static uintptr_t own_start, own_end;

static void find_own_code(void)
{
    struct dl_find_object found;
    if (_dl_find_object((void *)(uintptr_t)&find_own_code, &found) != 0)
        return;
    own_start = (uintptr_t)found.dlfo_map_start;
    own_end = (uintptr_t)found.dlfo_map_end;
}

static bool own(uintptr_t pc)
{
    return pc >= own_start && pc < own_end;
}

bool sites_init(void)
{
    find_own_code();
    sites_cache = memory_map(SITES_SETS * SITES_WAYS * sizeof *sites_cache, true);
    return sites_cache && nodes_init();
}

/* What calls a signal handler is the kernel, by way of a return address into the trampoline: that frame is
 * the trampoline at its own pc. Its caller, the frame before it in the walk, was interrupted. */
static bool is_trampoline(const struct walk *w, uint32_t i)
{
    return i > 0 && (w->frames[i - 1].flags & FRAME_EXACT);
}

static uint64_t where_of(const struct walk *w, uint32_t i)
{
    const struct walk_frame *f = &w->frames[i];
    bool trampoline = is_trampoline(w, i);
    struct place place = module_place(f->pc + trampoline);
    uint64_t where = (uint64_t)place.module << NODE_MODULE_SHIFT | (place.offset & NODE_OFFSET_MASK);
    if (f->flags & FRAME_REPEATS)
        where |= NODE_REPEATS;
    if (f->flags & FRAME_CUT)
        where |= NODE_CUT;
    if (trampoline || (f->flags & FRAME_EXACT))
        where |= NODE_SIGNAL;
    return where;
}

/* The node of the whole folded stack. Frames remember theirs, so only new ones are asked for.
 * The workspace `young` is free once the walk is done; it holds the way from the first known node. */
static uint32_t node_of_walk(struct walk *w)
{
    uint32_t *way = (uint32_t *)(void *)w->young, steps = 0;
    struct nodes_search *room = (struct nodes_search *)(void *)(way + WALK_MAX);
    uint32_t i = w->count - 1, parent = 0;
    while (i != WALK_ROOT && !w->frames[i].node) {
        way[steps++] = i;
        i = w->frames[i].link;
    }
    if (i != WALK_ROOT)
        parent = w->frames[i].node;
    while (steps) {
        struct walk_frame *f = &w->frames[way[--steps]];
        if (own(f->pc))
            continue;
        parent = nodes_get(room, parent, where_of(w, way[steps]));
        if (!parent)
            return 0;
        f->node = parent;
    }
    return parent;
}

static uint32_t find_site(uint32_t from, uint32_t node, enum site_kind kind)
{
    for (uint32_t id = from; id; id = book_site(id)->next)
        if (book_site(id)->node == node && book_site(id)->kind == kind)
            return id;
    return 0;
}

static uint32_t site_of_node(uint32_t node, enum site_kind kind)
{
    uint32_t *head = nodes_sites(node);
    if (!head)
        return 0;
    uint32_t first = __atomic_load_n(head, __ATOMIC_ACQUIRE);
    uint32_t id = find_site(first, node, kind);
    if (id || !(id = book_add(AREA_SITES, 1)))
        return id;
    struct site *s = book_site(id);
    s->kind = (uint8_t)kind;
    s->next = first;
    s->first_cs = (uint32_t)(clock_age_ms() / 10);
    __atomic_store_n(&s->node, node, __ATOMIC_RELEASE);
    while (!__atomic_compare_exchange_n(head, &first, id, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        uint32_t theirs = find_site(first, node, kind);
        if (theirs) {
            __atomic_store_n(&s->node, 0, __ATOMIC_RELEASE);
            return theirs;
        }
        s->next = first;
    }
    return id;
}

static void cache(uint64_t hash, uint32_t site)
{
    uint64_t *set = &sites_cache[(hash % SITES_SETS) * SITES_WAYS];
    uint32_t way = 0;
    while (way < SITES_WAYS && __atomic_load_n(&set[way], __ATOMIC_RELAXED))
        way++;
    if (way == SITES_WAYS) /* full: any will do, and these bits are not used elsewhere */
        way = (uint32_t)(hash >> 13) % SITES_WAYS;
    /* Release: pairs with site_of; whoever finds the site here may read what was written when it was made. */
    __atomic_store_n(&set[way], hash >> LIVE_SITE_BITS << LIVE_SITE_BITS | site, __ATOMIC_RELEASE);
}

COLD uint32_t sites_find(struct walk *w, enum site_kind kind, uint64_t hash)
{
    uint32_t node = node_of_walk(w);
    uint32_t site = node ? site_of_node(node, kind) : 0;
    if (site)
        cache(hash, site);
    else
        loss(LOSS_SITES_FULL);
    return site;
}

/* Its stack is empty. Whoever loses the race leaves a site that nothing is charged to. */
COLD uint32_t sites_excluded(enum site_kind kind)
{
    uint32_t *excluded = &book.head->excluded[kind];
    uint32_t id = __atomic_load_n(excluded, __ATOMIC_ACQUIRE), none = 0;
    if (id || !(id = book_add(AREA_SITES, 1)))
        return id;
    book_site(id)->kind = (uint8_t)kind;
    book_site(id)->first_cs = (uint32_t)(clock_age_ms() / 10);
    return __atomic_compare_exchange_n(excluded, &none, id, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) ? id
                                                                                                       : none;
}
