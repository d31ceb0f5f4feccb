/* Labelled allocation streams: what the recorder would see of one site in a run whose truth is known.
 *
 * A family is a behaviour; a run of it has random parameters, all from its seed: the run lasts from 2 s to
 * 30 days (log-uniform), the site begins in the first fifth of it, sizes, counts, load and its noise differ.
 * Time passes in the recorder's own ticks (sampler.c): 10 ms, then age / 512, at most 1 s. With sample_bytes
 * what is seen is the estimate of byte sampling (poisson.h) instead of the truth.
 *
 * A share is of the site's own time: 0 is its first allocation, 1 the end of the run.
 */
#ifndef LEAKWATCH_TESTS_STREAMS_H
#define LEAKWATCH_TESTS_STREAMS_H

#include <stdbool.h>
#include <stdint.h>

enum { GROUPS = 2, BLOCK = GROUPS + 1, STREAM_PARAMETERS = 6 };

/* Objects of one site that are alike: which of them is freed next is chance. */
struct group {
    double size;  /* bytes of each */
    double takes; /* probability that one is recorded: 1 unless sampled */
    double live;  /* objects */
    double seen;  /* of these, recorded */
    double old;   /* of these, born before the last look at ages (stream_look_at_ages) */
};

struct stream {
    const struct family *family;
    uint64_t random;
    double length_ms, begin_ms; /* of the run; age when the site begins */
    double sample_bytes;        /* 0: exact */

    /* Truth, in shares. It grows in [from, to); to is beyond 1 where it grows until the end. What a bounded
     * site does before `settled` is filling up. `seen`: five memories of its load, before which nobody can
     * tell its noise from a trend; settled is no earlier. */
    double from, to, settled, seen;

    /* As the recorder sees it, after stream_next. */
    uint64_t now_ms;
    double live, allocated; /* bytes; allocated is cumulative */
    bool touched;           /* allocated or freed in this tick: else the recorder does not look at the site */

    /* The family's own. */
    struct group group[GROUPS];
    double block, block_seen; /* bytes: one block that is reallocated */
    double block_old;         /* as it was at the last look at ages */
    int newest, watched;      /* 1 + group of the last object, of one that is watched; 0: it was freed */
    double objects;           /* about so many are allocated */
    double load, load_noise, load_memory;
    double p[STREAM_PARAMETERS]; /* parameters of the run */
    double v[2];                 /* state */
};

/* The rule may be changed to be right on the tuned ones. The held ones were looked at now and then, the fresh
 * ones once, when the rule was done. Of the grey ones nobody can say whether they grow. */
enum half { HALF_TUNED, HALF_HELD, HALF_FRESH, HALF_GREY };

struct family {
    const char *name;
    bool growing; /* at the end of the run */
    enum half half;
    double shortest_s;
    void (*start)(struct stream *s);                     /* NULL: nothing to choose */
    void (*step)(struct stream *s, double x, double dx); /* from share x to x + dx */
};

extern const struct family families_known[], families_fresh[], families_grey[]; /* the last has no name */

const struct family *stream_family(unsigned index); /* of all; NULL: there are no more */
const char *stream_half(const struct family *f);    /* "tuned", "held", "fresh", "grey" */

/* The run number `run` of a seed: the same three give the same stream. */
void stream_start(struct stream *s, const struct family *f, uint64_t seed, uint32_t run, double sample_bytes);
bool stream_next(struct stream *s);          /* the next tick; false: the run is over */
double stream_share(const struct stream *s); /* of the site's time, now */

/* Begins a new look: `old` is now what is live. Returns how many objects lasted through the look before. */
double stream_look_at_ages(struct stream *s);

#endif
