/* Behaviours of a site, and a recorder's clock to play them at: for test_verdict and test_drain.
 *
 * A behaviour is a function of u, the share of the run that has passed (0..1), giving live bytes. It is
 * played at 256 ticks, eight a window at the end, as the recorder would see it.
 */
#ifndef LEAKWATCH_TESTS_BEHAVIOURS_H
#define LEAKWATCH_TESTS_BEHAVIOURS_H

#include "history.h"

enum { TICKS = 256, TICK_MS = 20 };
#define MIB (1024.0 * 1024)

typedef double behaviour(double u);

/* Bytes allocated and freed again within each tick. */
extern double churn_per_tick;
int no_churn(void **unused); /* a cmocka setup */

/* Plays ticks (from, to] into a history; one of zeros starts at the first live byte. */
void play(struct history *h, behaviour *live_at, int from, int to);
struct history played(behaviour *live_at); /* the whole run */

/* The verdict's name at the end of the whole run. */
void assert_verdict(behaviour *live_at, const char *verdict);

behaviour linear, cubic, logarithm, doubling, loaded_at_start, cache_filled_at_a_fifth, saturating,
    saturating_slowly, loaded_again_at_70_percent, resident_that_grew_until_60_percent,
    linear_until_40_percent, sawtooth, three_teeth, rising_troughs, waves, early_burst,
    freed_halfway_then_idle, nothing_at_any_tick, linear_freed, doubling_freed, rising_troughs_freed,
    loaded_and_freed, cache_and_freed, late_burst_freed;

#endif
