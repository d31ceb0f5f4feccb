/* See nodes.h. Both chains, of nodes and of sites, are insert-only. A new node is filled first and published
 * by a compare-and-swap on its head; whoever loses the race looks again and finds the winner's, and its own
 * item stays unused (where 0: readers skip it). */
#include "nodes.h"

#include "book.h"
#include "hints.h"
#include "memory.h"

#define CLOSED (UINT32_C(1) << 31) /* in a head: no node is added here any more */

/* A level takes nodes until there are as many as it has heads. Each is as large as what it costs a program
 * that needs it is small beside its nodes: 64 KiB, 1 MiB, 16 MiB. */
static const unsigned bits[NODES_LEVELS] = {14, 17, 20, 23};
static uint32_t *levels[NODES_LEVELS];

/* Sites by node, in pieces that come as nodes do. */
#define PIECE_BITS 16
#define PIECES     512
static uint32_t *pieces[PIECES];

/* Another thread may be at it too: one memory stays. */
static bool have_memory(uint32_t **at, size_t items)
{
    if (likely(__atomic_load_n(at, __ATOMIC_ACQUIRE)))
        return true;
    uint32_t *none = NULL, *fresh = memory_map(items * sizeof *fresh, true);
    if (!fresh)
        return false;
    if (!__atomic_compare_exchange_n(at, &none, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        SYS2(SYS_munmap, fresh, items * sizeof *fresh);
    return true;
}

bool nodes_init(void)
{
    return have_memory(&levels[0], (size_t)1 << bits[0]);
}

/* The level that takes new nodes now. */
static unsigned last_level(void)
{
    uint64_t used = __atomic_load_n(&book.head->area[AREA_NODES].used, __ATOMIC_RELAXED);
    unsigned level = 0;
    while (level + 1 < NODES_LEVELS && used > UINT64_C(1) << bits[level] &&
           have_memory(&levels[level + 1], (size_t)1 << bits[level + 1]))
        level++;
    return level;
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio, odd */
    return x ^ x >> 29;
}

/* s->last is of this thread's own look: the level is there. */
static inline uint32_t *head_of(const struct nodes_search *s, unsigned level)
{
    uint32_t *heads = __atomic_load_n(&levels[level], __ATOMIC_RELAXED);
    return &heads[s->hash & ((UINT64_C(1) << bits[level]) - 1)];
}

static uint32_t find_in(struct nodes_search *s, unsigned level)
{
    s->first[level] = __atomic_load_n(head_of(s, level), __ATOMIC_ACQUIRE);
    for (uint32_t id = s->first[level] & ~CLOSED; id; id = book_node(id)->next)
        if (book_node(id)->where == s->where && book_node(id)->parent == s->parent)
            return id;
    return 0;
}

/* The last level first: it holds most nodes. Who adds one in the end does not mind the order: he changes each
 * head from what he saw.
 */
static uint32_t find(struct nodes_search *s)
{
    uint32_t id = 0;
    for (unsigned level = 0; level < s->last; level++)
        __builtin_prefetch(head_of(s, level));
    for (unsigned level = s->last + 1; !id && level-- > 0;)
        id = find_in(s, level);
    return id;
}

static bool change(struct nodes_search *s, unsigned level, uint32_t to)
{
    return __atomic_compare_exchange_n(head_of(s, level), &s->first[level], to, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
}

/* find was in vain: is it still, now and for ever, in the levels before the last? */
static bool close_others(struct nodes_search *s)
{
    for (unsigned level = 0; level < s->last; level++)
        if (!(s->first[level] & CLOSED) && !change(s, level, s->first[level] | CLOSED))
            return false;
    return true;
}

/* Not where somebody has closed it: there is a level more. */
static bool insert(struct nodes_search *s, uint32_t id)
{
    struct node *n = book_node(id);
    uint32_t first = s->first[s->last];
    if (first & CLOSED)
        return false;
    n->parent = s->parent;
    n->next = first;
    __atomic_store_n(&n->where, s->where, __ATOMIC_RELEASE);
    return change(s, s->last, id);
}

uint32_t nodes_get(struct nodes_search *s, uint32_t parent, uint64_t where)
{
    uint32_t fresh = 0;
    *s = (struct nodes_search){.where = where, .hash = mix(where ^ mix(parent)), .parent = parent};
    for (;;) {
        s->last = last_level();
        uint32_t id = find(s);
        if (id) {
            if (fresh)
                __atomic_store_n(&book_node(fresh)->where, 0, __ATOMIC_RELEASE);
            return id;
        }
        if (!fresh && !(fresh = book_add(AREA_NODES, 1)))
            return 0;
        if (close_others(s) && insert(s, fresh))
            return fresh;
    }
}

uint32_t *nodes_sites(uint32_t node)
{
    uint32_t piece = node >> PIECE_BITS;
    if (piece >= PIECES || !have_memory(&pieces[piece], (size_t)1 << PIECE_BITS))
        return NULL;
    uint32_t *sites = __atomic_load_n(&pieces[piece], __ATOMIC_RELAXED);
    return &sites[node & ((1u << PIECE_BITS) - 1)];
}
