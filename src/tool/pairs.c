/* See pairs.h. */
#include "pairs.h"

#include <stdlib.h>
#include <string.h>

enum round { SAME_LINES, SAME_FUNCTIONS, SAME_CALLERS, SAME_CALLER, ROUNDS };

/* Frames from the one that names the site on that are looked at. */
static const uint32_t most_frames[ROUNDS] = {UINT32_MAX, UINT32_MAX, 3, 2};

/* A site as one round sees it. */
struct entry {
    uint64_t key;  /* of its place: FNV-1a, 64 bits. Two places of 100,000 share one once in 10^9 reports */
    uint32_t side; /* 0: a, 1: b */
    uint32_t site;
    uint32_t line;
    double held_bytes;
};

/* ---- keys ---- */

static void mix(uint64_t *key, const void *bytes, size_t size)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < size; i++)
        *key = (*key ^ b[i]) * UINT64_C(0x100000001b3);
}

/* With its NUL, so that "ab", "c" is not "a", "bc". */
static void mix_text(uint64_t *key, const char *text, size_t length)
{
    mix(key, text, length);
    mix(key, "", 1);
}

/* Without what compilers append to copies of a function: "f.constprop.0", "f(int) [clone .isra.0]". */
static size_t plain_length(const char *function)
{
    static const char *const copies[] = {" [clone", ".constprop.", ".isra.", ".part.", ".cold", ".lto_priv"};
    size_t length = strlen(function);
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++) {
        const char *found = strstr(function, copies[i]);
        if (found && found != function && (size_t)(found - function) < length)
            length = (size_t)(found - function);
    }
    return length;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void mix_frame(uint64_t *key, const struct kept_frame *f, enum round round)
{
    if (!*f->function) {
        const char *build = *f->build_id ? f->build_id : base_name(f->module);
        mix_text(key, build, strlen(build));
        mix(key, &f->offset, sizeof f->offset);
        return;
    }
    mix_text(key, f->function, plain_length(f->function));
    if (round != SAME_LINES)
        return;
    mix_text(key, base_name(f->file), strlen(base_name(f->file)));
    mix(key, &f->line, sizeof f->line);
}

static uint64_t key_of(const struct kept_site *site, enum round round)
{
    uint64_t key = UINT64_C(0xcbf29ce484222325);
    uint32_t first = round >= SAME_CALLERS ? site->named : 0, end = site->count;
    if (end - first > most_frames[round])
        end = first + most_frames[round];
    mix(&key, &site->mmap, sizeof site->mmap);
    for (uint32_t i = first; i < end; i++)
        mix_frame(&key, &site->frames[i], round);
    return key;
}

/* ---- a round ---- */

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = (x->key > y->key) - (x->key < y->key);
    if (order == 0)
        order = (x->side > y->side) - (x->side < y->side);
    if (order == 0)
        order = (x->line > y->line) - (x->line < y->line);
    if (order == 0)
        order = (x->held_bytes < y->held_bytes) - (x->held_bytes > y->held_bytes);
    return order ? order : (x->site > y->site) - (x->site < y->site);
}

static struct entry entry_of(const struct kept *k, uint32_t i, uint32_t side, enum round round)
{
    const struct kept_site *site = &k->sites[i];
    uint32_t line = site->count ? site->frames[site->named].line : 0;
    return (struct entry){key_of(site, round), side, i, line, site->held_bytes};
}

/* Of sorted entries: where those with the key of the first one end. */
static uint32_t end_of_group(const struct entry *entries, uint32_t first, uint32_t count)
{
    uint32_t end = first + 1;
    while (end < count && entries[end].key == entries[first].key)
        end++;
    return end;
}

/* ---- within one report ---- */

static void lead(struct kept *k, uint32_t leader, uint32_t site)
{
    struct kept_site *to = &k->sites[leader], *from = &k->sites[site];
    from->leader = leader;
    if (from == to)
        return;
    /* Only growth is suppressed, and the place is when all of its growth is. */
    to->suppressed = from->growing && to->growing ? to->suppressed && from->suppressed
                                                  : to->suppressed || from->suppressed;
    to->verdict = from->growing ? from->verdict : to->verdict;
    to->growing |= from->growing;
    to->bytes_per_s += from->bytes_per_s;
    to->held_bytes += from->held_bytes;
}

int pairs_merge(struct kept *k)
{
    struct entry *entries = calloc(k->count + (size_t)1, sizeof *entries);
    if (!entries)
        return -1;
    for (uint32_t i = 0; i < k->count; i++)
        entries[i] = entry_of(k, i, 0, SAME_LINES);
    qsort(entries, k->count, sizeof *entries, compare_entries);
    for (uint32_t first = 0, end; first < k->count; first = end) {
        end = end_of_group(entries, first, k->count);
        for (uint32_t i = first; i < end; i++)
            lead(k, entries[first].site, entries[i].site);
    }
    free(entries);
    return 0;
}

/* ---- between two ---- */

struct pairing {
    const struct kept *a, *b;
    bool *taken;       /* sites of a that have a partner */
    uint32_t *partner; /* of the sites of b */
    struct entry *entries;
};

static uint32_t collect(struct pairing *p, enum round round)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->a->count; i++)
        if (p->a->sites[i].leader == i && !p->taken[i])
            p->entries[count++] = entry_of(p->a, i, 0, round);
    for (uint32_t i = 0; i < p->b->count; i++)
        if (p->b->sites[i].leader == i && p->partner[i] == PAIRS_NONE)
            p->entries[count++] = entry_of(p->b, i, 1, round);
    qsort(p->entries, count, sizeof *p->entries, compare_entries);
    return count;
}

/* In a group those of a come first: the n-th of a is the n-th of b. */
static void pair_group(struct pairing *p, const struct entry *group, uint32_t size)
{
    uint32_t of_a = 0;
    while (of_a < size && group[of_a].side == 0)
        of_a++;
    for (uint32_t i = 0; i < of_a && of_a + i < size; i++) {
        p->partner[group[of_a + i].site] = group[i].site;
        p->taken[group[i].site] = true;
    }
}

static void pair_round(struct pairing *p, enum round round)
{
    uint32_t count = collect(p, round);
    for (uint32_t first = 0, end; first < count; first = end) {
        end = end_of_group(p->entries, first, count);
        pair_group(p, &p->entries[first], end - first);
    }
}

uint32_t *pairs_find(const struct kept *a, const struct kept *b)
{
    struct pairing p = {.a = a, .b = b};
    p.taken = calloc(a->count + (size_t)1, sizeof *p.taken);
    p.partner = calloc(b->count + (size_t)1, sizeof *p.partner);
    p.entries = calloc((size_t)a->count + b->count + 1, sizeof *p.entries);
    bool able = p.taken && p.partner && p.entries;
    for (uint32_t i = 0; able && i < b->count; i++)
        p.partner[i] = PAIRS_NONE;
    for (enum round round = 0; able && round < ROUNDS; round++)
        pair_round(&p, round);
    free(p.taken);
    free(p.entries);
    if (able)
        return p.partner;
    free(p.partner);
    return NULL;
}
