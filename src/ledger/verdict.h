/* The judge: does this history grow without bound? Pure functions of a history.
 *
 * The rule is "the floor keeps climbing": the running minimum seen from now backwards (the level the
 * site never fell below again) must have climbed in the last octave of the site's life, in enough
 * places, not much less than in the octave before, clearly above the noise of the lows, and not long
 * since over; and it must have held while the site's age grew by a fifth.
 * No byte threshold here: LEAKWATCH_MIN_BYTES is the caller's business.
 */
#ifndef LEAKWATCH_LEDGER_VERDICT_H
#define LEAKWATCH_LEDGER_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "history.h"

enum verdict {
    VERDICT_UNDECIDED, /* too few windows to judge */
    VERDICT_GROWING,
    VERDICT_RESIDENT, /* set up, kept */
    VERDICT_BOUNDED,  /* grew, churns, and its floor has levelled off */
    VERDICT_CHURN,
    VERDICT_TRANSIENT /* a burst that was given back */
};

enum shape { SHAPE_NONE, SHAPE_LINEAR, SHAPE_STEPS, SHAPE_SLOWING, SHAPE_ACCELERATING };

struct judgement {
    enum verdict verdict;
    enum shape shape;      /* SHAPE_NONE unless growing */
    float confidence;      /* 0..1, measured share of right verdicts (detection figures) */
    double floor_then;     /* bytes of floor one octave ago ... */
    double floor_now;      /* ... and now (the last eighth of life only confirms) */
    double bytes_per_s;    /* 0 unless growing */
    double bytes_per_byte; /* share of what is allocated that stays; 0 unless growing */
    double ratio;          /* climb / climb of the octave before: the octaves to come */
    double held_octaves;   /* log2(age now / age when the spell began) */
    bool freed_at_end;     /* growing by the windows before a drain at the very end */
};

/* Called after history_add closed a window: evaluates the rule and moves the history's memory
 * (held, gap, first_flagged, growing). Returns true when the site has just turned to growing. */
bool judge_step(struct history *h);

/* The verdict to show. ended: the process is over (or its exit has begun), so a drain that fills only
 * the last few per cent of the history and is never followed by growth is shutdown, and the verdict is
 * the one before it. */
struct judgement judge(const struct history *h, bool ended);

const char *verdict_name(enum verdict v); /* "growing" ...; never NULL */
const char *shape_name(enum shape s);     /* "linear" ...; NULL for SHAPE_NONE */

#endif
