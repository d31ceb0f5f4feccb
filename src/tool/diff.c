/* See diff.h. */
#include "diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pairs.h"

/* Two runs of one program under one load differ by some percent; what is to be told is beyond that. */
#define RATE_FACTOR 1.25
#define HELD_FACTOR 1.1
/* And what is below the size at which sites are judged at all (LEAKWATCH_MIN_BYTES) is nothing. */
#define HELD_BYTES (64.0 * 1024)

static bool grows(const struct kept_site *site)
{
    return site && site->growing && !site->suppressed;
}

static struct difference compare_rates(const struct kept_site *old, const struct kept_site *new)
{
    double was = old->bytes_per_s, is = new->bytes_per_s;
    enum change change = is > was * RATE_FACTOR   ? CHANGE_FASTER
                         : was > is * RATE_FACTOR ? CHANGE_SLOWER
                                                  : CHANGE_STILL_GROWING;
    return (struct difference){change, old, new, change == CHANGE_STILL_GROWING ? is : fabs(is - was)};
}

static struct difference compare_held(const struct kept_site *old, const struct kept_site *new)
{
    double was = old->held_bytes, is = new->held_bytes, by = fabs(is - was);
    bool more = is > was * HELD_FACTOR, less = was > is * HELD_FACTOR;
    if (by < HELD_BYTES || (!more && !less))
        return (struct difference){CHANGE_SAME, old, new, is};
    return (struct difference){more ? CHANGE_GROWN : CHANGE_SHRUNK, old, new, by};
}

static struct difference difference_of(const struct kept_site *old, const struct kept_site *new)
{
    if (grows(old) && grows(new))
        return compare_rates(old, new);
    if (grows(new))
        return (struct difference){CHANGE_NEWLY_GROWING, old, new, new->bytes_per_s};
    if (grows(old))
        return (struct difference){CHANGE_NO_LONGER_GROWING, old, new, old->bytes_per_s};
    if (old ? old->owned : new->owned) /* pages move between such sites; their heap is compared */
        return (struct difference){CHANGE_SAME, old, new, 0};
    if (!old)
        return (struct difference){CHANGE_NEW, old, new, new->held_bytes};
    if (!new)
        return (struct difference){CHANGE_GONE, old, new, old->held_bytes};
    return compare_held(old, new);
}

static int by_interest(const void *a, const void *b)
{
    const struct difference *x = a, *y = b;
    int order = (x->change > y->change) - (x->change < y->change);
    if (order == 0)
        order = (x->by < y->by) - (x->by > y->by);
    if (order == 0)
        order = (x->new > y->new) - (x->new < y->new); /* both are of one array */
    return order ? order : (x->old > y->old) - (x->old < y->old);
}

static void add(struct diff *d, const struct kept_site *old, const struct kept_site *new)
{
    struct difference difference = difference_of(old, new);
    d->items[d->count++] = difference;
    d->counts[difference.change]++;
}

/* False without memory. */
static bool compare_sites(struct diff *d, const uint32_t *partner)
{
    bool *paired = calloc(d->old->count + (size_t)1, sizeof *paired);
    if (!paired)
        return false;
    for (uint32_t i = 0; i < d->new->count; i++) {
        if (d->new->sites[i].leader != i)
            continue;
        bool alone = partner[i] == PAIRS_NONE;
        if (!alone)
            paired[partner[i]] = true;
        add(d, alone ? NULL : &d->old->sites[partner[i]], &d->new->sites[i]);
    }
    for (uint32_t i = 0; i < d->old->count; i++)
        if (d->old->sites[i].leader == i && !paired[i])
            add(d, &d->old->sites[i], NULL);
    free(paired);
    return true;
}

int diff_of(struct diff *d, const struct kept *old, const struct kept *new)
{
    uint32_t *partner = pairs_find(old, new);
    *d = (struct diff){.old = old, .new = new};
    d->items = calloc((size_t)old->count + new->count + 1, sizeof *d->items);
    bool able = partner && d->items && compare_sites(d, partner);
    free(partner);
    if (!able) {
        diff_free(d);
        return -1;
    }
    qsort(d->items, d->count, sizeof *d->items, by_interest);
    return 0;
}

void diff_free(struct diff *d)
{
    free(d->items);
    *d = (struct diff){0};
}

const char *diff_change_name(enum change change)
{
    static const char *const names[CHANGES] = {
        [CHANGE_NEWLY_GROWING] = "newly growing",
        [CHANGE_FASTER] = "grows faster",
        [CHANGE_STILL_GROWING] = "still growing",
        [CHANGE_SLOWER] = "grows slower",
        [CHANGE_NO_LONGER_GROWING] = "no longer growing",
        [CHANGE_NEW] = "new",
        [CHANGE_GROWN] = "grown",
        [CHANGE_SHRUNK] = "shrunk",
        [CHANGE_GONE] = "gone",
        [CHANGE_SAME] = "same",
    };
    return names[change];
}

/* ---- notes ---- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The frames that name sites without partners: one a module, and one more that has no name. There are few
 * modules; those beyond are not looked at. */
struct modules {
    const struct kept_frame *frames[32];
    uint32_t count;
};

static bool is_nameless(const struct kept_frame *frame)
{
    return !*frame->function;
}

static void add_module(struct modules *m, const struct kept_site *site)
{
    const struct kept_frame *frame = &site->frames[site->named];
    if (!site->count || !*frame->module)
        return;
    for (uint32_t i = 0; i < m->count; i++)
        if (strcmp(m->frames[i]->module, frame->module) == 0 &&
            is_nameless(m->frames[i]) == is_nameless(frame))
            return;
    if (m->count < sizeof m->frames / sizeof *m->frames)
        m->frames[m->count++] = frame;
}

static bool is_rebuilt_without_names(const struct kept_frame *old, const struct kept_frame *new)
{
    return (is_nameless(old) || is_nameless(new)) &&
           strcmp(base_name(old->module), base_name(new->module)) == 0 &&
           strcmp(old->build_id, new->build_id) != 0;
}

/* A module that was built anew and has sites without names that found no partners: "" if none. */
static const char *rebuilt_without_names(const struct diff *d)
{
    struct modules gone = {0}, new = {0};
    for (uint32_t i = 0; i < d->count; i++) {
        if (!d->items[i].new)
            add_module(&gone, d->items[i].old);
        if (!d->items[i].old)
            add_module(&new, d->items[i].new);
    }
    for (uint32_t i = 0; i < gone.count; i++)
        for (uint32_t j = 0; j < new.count; j++)
            if (is_rebuilt_without_names(gone.frames[i], new.frames[j]))
                return base_name(new.frames[j]->module);
    return "";
}

static void note_lengths(const struct diff *d, void (*take)(void *, const char *), void *to)
{
    double old = d->old->duration_s, new = d->new->duration_s;
    char note[256];
    if (old <= 0 || new <= 0 || (old < new * 2 && new < old * 2))
        return;
    snprintf(note, sizeof note, "OLD ran %.1f s, NEW %.1f s: growth is compared by its rate%s", old, new,
             new < old ? "; what grows slowly may not show yet in NEW"
                       : "; what is new may only have had the time");
    take(to, note);
}

void diff_notes(const struct diff *d, void (*take)(void *to, const char *note), void *to)
{
    char note[512];
    const char *module = rebuilt_without_names(d);
    if (strcmp(d->old->program, d->new->program) != 0) {
        snprintf(note, sizeof note, "these are different programs: OLD is of %.100s, NEW of %.100s",
                 d->old->program, d->new->program);
        take(to, note);
    }
    note_lengths(d, take, to);
    if (*module) {
        snprintf(note, sizeof note,
                 "%.200s was built anew, and code in it has no names (no symbols, or its file was replaced "
                 "since): "
                 "such sites are told as gone and new; compare JSON reports, which keep names, of builds "
                 "with symbols",
                 module);
        take(to, note);
    }
}
