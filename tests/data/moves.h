/* Moves: what a family of streams is made of. Chance, and what may happen to the objects of a site. */
#ifndef LEAKWATCH_TESTS_MOVES_H
#define LEAKWATCH_TESTS_MOVES_H

#include <math.h>

#include "streams.h"

/* ---- chance ---- */

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016. */
static inline double uniform(struct stream *s)
{
    s->random ^= s->random >> 12;
    s->random ^= s->random << 25;
    s->random ^= s->random >> 27;
    return ((double)((s->random * UINT64_C(0x2545f4914f6cdd1d)) >> 11) + 0.5) / 9007199254740992.0;
}

static inline double between(struct stream *s, double least, double most)
{
    return least + (most - least) * uniform(s);
}

static inline double log_between(struct stream *s, double least, double most)
{
    return least * exp(log(most / least) * uniform(s));
}

static inline double whole_between(struct stream *s, double least, double most)
{
    return floor(between(s, least, most + 1));
}

/* Box and Muller, 1958. */
static inline double normal(struct stream *s)
{
    double radius = sqrt(-2 * log(uniform(s)));
    return radius * cos(2 * M_PI * uniform(s));
}

/* Small means by Knuth's product, large ones by the normal limit. */
static inline double poisson(struct stream *s, double mean)
{
    if (mean <= 0)
        return 0;
    if (mean > 12)
        return fmax(0, floor(mean + sqrt(mean) * normal(s) + 0.5));
    double left = uniform(s), least = exp(-mean), n = 0;
    for (; left > least; n++)
        left *= uniform(s);
    return n;
}

/* Of n things, each with probability p. */
static inline double binomial(struct stream *s, double n, double p)
{
    double k = 0, mean = n * p;
    if (n <= 0 || p <= 0)
        return 0;
    if (p >= 1)
        return n;
    if (p > 0.5)
        return n - binomial(s, n, 1 - p);
    if (n > 16)
        return mean > 12 ? fmin(n, fmax(0, floor(mean + sqrt(mean * (1 - p)) * normal(s) + 0.5)))
                         : fmin(n, poisson(s, mean));
    for (double i = 0; i < n; i++)
        k += uniform(s) < p;
    return k;
}

/* ---- what a family does ---- */

static inline double takes(const struct stream *s, double size)
{
    return s->sample_bytes > 0 ? -expm1(-size / s->sample_bytes) : 1;
}

static inline void count(struct stream *s, const struct group *g, double seen)
{
    s->allocated += seen * g->size / g->takes;
    s->touched |= seen > 0;
}

static inline void put(struct stream *s, int i, double n)
{
    struct group *g = &s->group[i];
    double seen = binomial(s, n, g->takes);
    g->live += n;
    g->seen += seen;
    s->newest = n > 0 ? i + 1 : s->newest;
    count(s, g, seen);
}

/* Allocated and freed within this tick. */
static inline void pass(struct stream *s, int i, double n)
{
    count(s, &s->group[i], binomial(s, n, s->group[i].takes));
}

static inline void drop(struct stream *s, int i, double n)
{
    struct group *g = &s->group[i];
    if (n > g->live)
        n = g->live;
    if (n <= 0)
        return;
    double share = n / g->live, seen = n < g->live ? binomial(s, g->seen, share) : g->seen;
    if (s->watched == i + 1 && uniform(s) < share)
        s->watched = 0;
    g->live -= n;
    seen = fmax(seen, g->seen - g->live); /* no more can be seen than there are */
    g->seen -= seen;
    g->old = fmin(g->live, g->old - binomial(s, g->old, share));
    s->touched |= seen > 0;
}

static inline void leak(struct stream *s, int i, double mean)
{
    put(s, i, poisson(s, mean * s->load));
}

/* Traffic of objects with exponential lives, `turns` of them in the site's time, that keeps about
 * `target` objects alive. */
static inline void follow(struct stream *s, int i, double target, double turns, double dx)
{
    double die = -expm1(-turns * dx), born = target * s->load * turns * dx;
    double stay = target * s->load * die;
    drop(s, i, binomial(s, s->group[i].live, die));
    put(s, i, poisson(s, stay));
    pass(s, i, poisson(s, born - stay));
}

/* Brings a group to so many objects, with no more traffic than that takes. */
static inline void become(struct stream *s, int i, double target)
{
    double live = s->group[i].live;
    if (target > live)
        put(s, i, floor(target - live));
    else
        drop(s, i, floor(live - target));
}

/* The old entry goes, the new one comes: a full cache. */
static inline void replace(struct stream *s, int i, double mean)
{
    double n = poisson(s, mean * s->load), stays = fmin(n, s->group[i].live);
    drop(s, i, stays);
    put(s, i, stays);
    pass(s, i, n - stays);
}

static inline void resize(struct stream *s, double bytes)
{
    double p = takes(s, bytes);
    s->block = bytes;
    s->watched = s->watched == BLOCK ? 0 : s->watched;
    s->newest = BLOCK;
    s->block_seen = uniform(s) < p ? bytes / p : 0;
    s->allocated += s->block_seen;
    s->touched = true;
}

/* Fills up to n objects and then replaces; `rate` allocations in the site's time. */
static inline void cache(struct stream *s, int i, double n, double rate, double dx)
{
    double room = n - s->group[i].live;
    if (room > 0)
        put(s, i, fmin(room, poisson(s, rate * dx * s->load)));
    else
        replace(s, i, rate * dx);
}

static inline double wave(double periods, double phase, double x)
{
    return sin(2 * M_PI * (periods * x + phase));
}

/* Grew by this much between x and x + dx when it goes as x to the power e. */
static inline double power_step(double e, double x, double dx)
{
    return pow(x + dx, e) - pow(x, e);
}

/* The random times of rare events: v[0] is the next. */
static inline bool comes(struct stream *s, double x, double dx, double events)
{
    if (x + dx < s->v[0])
        return false;
    s->v[0] += -log(uniform(s)) / events;
    return true;
}

/* The same, about evenly spaced. */
static inline bool comes_evenly(struct stream *s, double x, double dx, double events)
{
    if (x + dx < s->v[0])
        return false;
    s->v[0] += between(s, 0.7, 1.3) / events;
    return true;
}

static inline double turns(struct stream *s)
{
    return log_between(s, 30, 3000);
}

#endif
