/* See behaviours.h. Without libm: the judge has none either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "behaviours.h"
#include "verdict.h"

double churn_per_tick;

void play(struct history *h, behaviour *live_at, int from, int to)
{
    for (int i = from + 1; i <= to; i++) {
        double live = live_at((double)i / TICKS);
        if (!h->site && live <= 0)
            continue;
        if (!h->site)
            history_init(h, 1, (uint64_t)(i - 1) * TICK_MS, TICK_MS, 0);
        double rise = live - (double)h->last_live;
        double allocated = h->allocated + churn_per_tick + (rise > 0 ? rise : 0);
        if (history_add(h, (uint64_t)i * TICK_MS, live, live, live + churn_per_tick, allocated))
            judge_step(h);
    }
}

struct history played(behaviour *live_at)
{
    struct history h = {0};
    play(&h, live_at, 0, TICKS);
    return h;
}

int no_churn(void **unused)
{
    (void)unused;
    churn_per_tick = 0;
    return 0;
}

void assert_verdict(behaviour *live_at, const char *verdict)
{
    struct history h = played(live_at);
    assert_string_equal(verdict_name(judge(&h, true).verdict), verdict);
}

/* ---- behaviours ---- */

double linear(double u)
{
    return 10 * MIB * u;
}

double cubic(double u)
{
    return 10 * MIB * u * u * u;
}

/* Harmonic numbers: a logarithm without libm. */
double logarithm(double u)
{
    double sum = 0;
    for (int i = 1; i <= (int)(u * TICKS); i++)
        sum += 1.0 / i;
    return MIB * sum;
}

double doubling(double u)
{
    double size = 1;
    while (size < u * 65536)
        size *= 2;
    return 64 * size;
}

double loaded_at_start(double u)
{
    return u > 0.02 ? 10 * MIB : 0;
}

double cache_filled_at_a_fifth(double u)
{
    return u < 0.2 ? 50 * MIB * u : 10 * MIB;
}

/* e^-x, near enough: the 64th power of 1 - x/64. */
static double decay(double x)
{
    double left = 1 - x / 64;
    for (int i = 0; i < 6; i++)
        left *= left;
    return left;
}

double saturating(double u)
{
    return 10 * MIB * (1 - decay(20 * u));
}

double saturating_slowly(double u)
{
    return 10 * MIB * (1 - decay(8 * u));
}

double loaded_again_at_70_percent(double u)
{
    return u < 0.7 ? 10 * MIB : 12 * MIB;
}

double resident_that_grew_until_60_percent(double u)
{
    return 20 * MIB + linear(u < 0.6 ? u : 0.6);
}

static double teeth(double u, double count)
{
    return 10 * MIB * (u * count - (double)(int)(u * count)) + 1;
}

double sawtooth(double u)
{
    return teeth(u, 9.9);
}

double three_teeth(double u)
{
    return u < 0.985 ? teeth(u, 3.04) : 1;
}

double rising_troughs(double u)
{
    return teeth(u, 60) + 20 * MIB * u;
}

/* Seven waves far larger than what their troughs rise by. */
double waves(double u)
{
    double phase = 7 * u - (double)(int)(7 * u);
    return 10 * MIB * (1 + (phase < 0.5 ? phase : 1 - phase) + 0.1 * u);
}

double early_burst(double u)
{
    return u > 0.1 && u < 0.3 ? 100 * MIB : MIB;
}

double nothing_at_any_tick(double u)
{
    (void)u;
    return 0;
}

static double freed(behaviour *before, double u)
{
    const double begins = 0.97, ends = 0.995;
    if (u < begins)
        return before(u);
    return u < ends ? before(begins) * (ends - u) / (ends - begins) : 0;
}

double linear_freed(double u)
{
    return freed(linear, u);
}

double doubling_freed(double u)
{
    return freed(doubling, u);
}

double rising_troughs_freed(double u)
{
    return freed(rising_troughs, u);
}

double loaded_and_freed(double u)
{
    return freed(loaded_at_start, u);
}

double cache_and_freed(double u)
{
    return freed(cache_filled_at_a_fifth, u);
}

static double late_burst(double u)
{
    return u > 0.75 ? 100 * MIB * (u - 0.75) : 0;
}

double late_burst_freed(double u)
{
    return freed(late_burst, u);
}

double freed_halfway_then_idle(double u)
{
    return u < 0.5 ? linear(u) : 1;
}

double linear_until_40_percent(double u)
{
    return linear(u < 0.4 ? u : 0.4);
}
