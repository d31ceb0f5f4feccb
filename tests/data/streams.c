/* See streams.h, and README.md for what each family stands for. */
#include "streams.h"

#include <math.h>
#include <stddef.h>

#include "moves.h"

#define TICK_FIRST_MS 10 /* as in sampler.c */
#define TICK_MOST_MS  1000
#define TICKS_A_LIFE  512
#define LONGEST_S     (30 * 86400.0)

const char *stream_half(const struct family *f)
{
    static const char *const names[] = {"tuned", "held", "fresh", "grey"};
    return names[f->half];
}

const struct family *stream_family(unsigned index)
{
    static const struct family *const tables[] = {families_known, families_fresh, families_grey};
    for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct family *f = tables[i]; f->name; f++)
            if (index-- == 0)
                return f;
    return NULL;
}

/* ---- a run ---- */

/* FNV-1a: the seed of a run hangs on its family's name, not on its place in the table. */
static uint64_t mix(uint64_t seed, const char *name, uint32_t run)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ seed;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    hash = (hash ^ run) * UINT64_C(0x9e3779b97f4a7c15);
    return (hash ^ hash >> 32) | 1;
}

void stream_start(struct stream *s, const struct family *f, uint64_t seed, uint32_t run, double sample_bytes)
{
    *s = (struct stream){.family = f, .random = mix(seed, f->name, run), .sample_bytes = sample_bytes};
    for (int i = 0; i < 8; i++)
        uniform(s);
    s->length_ms = 1000 * log_between(s, f->shortest_s, LONGEST_S);
    s->begin_ms = floor(s->length_ms * between(s, 0, 0.2));
    s->objects = floor(log_between(s, 2e3, 1e6));
    s->to = f->growing ? 2 : 0; /* not before the end, which is a tick late */
    s->load = 1;
    s->load_noise = between(s, 0, 0.5);
    s->load_memory = log_between(s, 0.002, 0.02);
    for (int i = 0; i < GROUPS; i++) {
        s->group[i].size = floor(log_between(s, fmax(16, 2e5 / s->objects), 4096));
        s->group[i].takes = takes(s, s->group[i].size);
    }
    s->seen = 5 * s->load_memory;
    if (f->start)
        f->start(s);
    s->settled = fmax(s->settled, s->seen);
    s->now_ms = (uint64_t)s->begin_ms;
}

double stream_share(const struct stream *s)
{
    return ((double)s->now_ms - s->begin_ms) / (s->length_ms - s->begin_ms);
}

static void change_load(struct stream *s, double dx)
{
    double keep = exp(-dx / s->load_memory), noise = s->load_noise;
    double before = noise > 0 ? log(s->load) / noise : 0;
    double now = keep * before + sqrt(1 - keep * keep) * normal(s);
    s->load = exp(noise * now);
}

static uint64_t tick_ms(uint64_t age_ms)
{
    uint64_t tick = age_ms / TICKS_A_LIFE;
    if (tick < TICK_FIRST_MS)
        return TICK_FIRST_MS;
    return tick < TICK_MOST_MS ? tick : TICK_MOST_MS;
}

bool stream_next(struct stream *s)
{
    double x = stream_share(s);
    if ((double)s->now_ms >= s->length_ms)
        return false;
    s->now_ms += tick_ms(s->now_ms);
    double dx = stream_share(s) - x;
    s->touched = false;
    change_load(s, dx);
    s->family->step(s, x, dx);
    s->live = s->block_seen;
    for (int i = 0; i < GROUPS; i++)
        s->live += s->group[i].seen * s->group[i].size / s->group[i].takes;
    return true;
}

double stream_look_at_ages(struct stream *s)
{
    double lasted = s->block > 0 && s->block <= s->block_old;
    s->block_old = s->block;
    for (int i = 0; i < GROUPS; i++) {
        lasted += s->group[i].old;
        s->group[i].old = s->group[i].live;
    }
    return lasted;
}
