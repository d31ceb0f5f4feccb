/* A profile for pprof, and for what reads its format: Pyroscope, Parca, Polar Signals. A sample a site, all
 * five values of it, so that the reader chooses which to show. */
#include <stdlib.h>

#include "export.h"
#include "notes.h"
#include "pprof_places.h"

const char *export_pprof_lacks(void)
{
    return NULL;
}

enum { INUSE_SPACE, INUSE_OBJECTS, ALLOC_SPACE, ALLOC_OBJECTS, GROWTH_SPACE, VALUES };

static const struct {
    const char *type, *unit;
} values[VALUES] = {
    [INUSE_SPACE] = {"inuse_space", "bytes"},   [INUSE_OBJECTS] = {"inuse_objects", "count"},
    [ALLOC_SPACE] = {"alloc_space", "bytes"},   [ALLOC_OBJECTS] = {"alloc_objects", "count"},
    [GROWTH_SPACE] = {"growth_space", "bytes"},
};

static Pprof__ValueType type_of(struct pprof *p, const char *type, const char *unit)
{
    Pprof__ValueType value = PPROF__VALUE_TYPE__INIT;
    value.type = pprof_string(p, type);
    value.unit = pprof_string(p, unit);
    return value;
}

static void put_types(struct pprof *p)
{
    Pprof__ValueType types[VALUES], *list[VALUES];
    for (int i = 0; i < VALUES; i++) {
        types[i] = type_of(p, values[i].type, values[i].unit);
        list[i] = &types[i];
    }
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    piece.n_sample_type = VALUES;
    piece.sample_type = list;
    pprof_put(p, &piece);
}

/* Counts of a forged ledger may be beyond what the format can hold. */
static int64_t clamped(uint64_t n)
{
    return n < INT64_MAX ? (int64_t)n : INT64_MAX;
}

static int64_t nanoseconds(uint64_t ms)
{
    return ms < INT64_MAX / 1000000 ? (int64_t)ms * 1000000 : INT64_MAX;
}

/* The time is that of collection, as in Go's heap profiles: who collects one every minute wants a time each.
 * What is shown first is what grows, if anything does. */
static void put_facts(struct pprof *p, const struct report *r)
{
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    Pprof__ValueType period = type_of(p, "space", "bytes");
    piece.time_nanos = clamped(r->head.started_ns + (uint64_t)nanoseconds(r->process.age_ms));
    piece.duration_nanos = nanoseconds(r->process.age_ms);
    piece.period_type = &period;
    piece.period = r->head.sample_bytes ? clamped(r->head.sample_bytes) : 1; /* 1: every byte is counted */
    piece.default_sample_type =
        pprof_string(p, values[r->findings.growing ? GROWTH_SPACE : INUSE_SPACE].type);
    pprof_put(p, &piece);
}

static void put_comment(void *pprof, const char *comment)
{
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    int64_t index = pprof_string(pprof, comment);
    piece.n_comment = 1;
    piece.comment = &index;
    pprof_put(pprof, &piece);
}

/* Labels become dimensions in databases of profiles: only words of ours, of which there are few. */
static Pprof__Label label_of(struct pprof *p, const char *key, const char *word)
{
    Pprof__Label label = PPROF__LABEL__INIT;
    label.key = pprof_string(p, key);
    label.str = pprof_string(p, word);
    return label;
}

static void put_sample(struct pprof *p, const struct finding *f, uint64_t *locations, size_t count)
{
    const char *shape = f->verdict == VERDICT_GROWING ? shape_name(f->judgement.shape) : NULL;
    Pprof__Label labels[] = {label_of(p, "verdict", verdict_name(f->verdict)),
                             label_of(p, "kind", f->kind == SITE_MMAP ? "mmap" : "heap"),
                             label_of(p, "shape", shape)};
    Pprof__Label *label_list[] = {&labels[0], &labels[1], &labels[2]};
    int64_t figures[VALUES] = {[INUSE_SPACE] = clamped(f->sums.live_bytes),
                               [INUSE_OBJECTS] = clamped(f->sums.live_blocks),
                               [ALLOC_SPACE] = clamped(f->sums.allocated_bytes),
                               [ALLOC_OBJECTS] = clamped(f->sums.allocations),
                               [GROWTH_SPACE] = clamped(export_growth(f))};
    Pprof__Sample sample = PPROF__SAMPLE__INIT, *list = &sample;
    sample.location_id = locations;
    sample.n_location_id = count;
    sample.value = figures;
    sample.n_value = VALUES;
    sample.label = label_list;
    sample.n_label = shape ? 3 : 2;
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    piece.n_sample = 1;
    piece.sample = &list;
    pprof_put(p, &piece);
}

static int put_sites(struct pprof *p, struct pprof_places *places, struct report *r)
{
    for (uint32_t i = 0; i < r->findings.count; i++) {
        size_t count;
        uint64_t *locations = pprof_places_of(places, report_stack(r, i), &count);
        if (!locations)
            return -1;
        put_sample(p, &r->findings.items[i], locations, count);
        free(locations);
        report_forget_stack(r, i);
    }
    return 0;
}

int export_pprof(struct report *r, const struct export *e, FILE *out)
{
    (void)e;
    struct pprof *p = pprof_open(out);
    struct pprof_places *places = p ? pprof_places_open(p, r->ledger) : NULL;
    if (!places) {
        if (p)
            pprof_close(p);
        return -1;
    }
    put_types(p);
    put_facts(p, r);
    notes_of(r, put_comment, p);
    int result = put_sites(p, places, r);
    pprof_places_close(places);
    return pprof_close(p) == 0 ? result : -1;
}
