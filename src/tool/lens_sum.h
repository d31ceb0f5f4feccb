/* Sum of histories: what several sites held together, as one history that can be judged. */
#ifndef LEAKWATCH_TOOL_LENS_SUM_H
#define LEAKWATCH_TOOL_LENS_SUM_H

#include "history.h"

/* What a site held in (from_ms, to_ms]: the lowest and highest of the windows that touch it. Without a
 * history it is what it holds now. */
struct level {
    double low, high;
};
struct level lens_sum_level(const struct history *h, double live, uint64_t from_ms, uint64_t to_ms);

struct summand {
    const struct history *history; /* or NULL */
    double live;
};
/* Only lows are added up: the trough. The highs of two sites need not have been at one time (pages that a
 * collector moves from one to the other would count twice). Judged as it is filled (verdict.h). end_ms: until
 * when. */
void lens_sum(struct history *sum, const struct summand *items, uint32_t count, uint64_t end_ms);

#endif
