/* See poisson.h. No libm: it would have to be loaded into the target. */
#include "poisson.h"

#include "options.h"

#define LN2 0.69314718055994530942

bool poisson_lightly;

/* xorshift64*, Vigna 2016: good enough for gaps, three shifts and a product. */
static uint64_t random_next(struct thread *t)
{
    uint64_t x = t->random ? t->random : (uintptr_t)t ^ UINT64_C(0x9e3779b97f4a7c15) * t->id;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    t->random = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

/* ln(x) for 0 < x <= 1: exponent and mantissa apart, then the series of 2 atanh((m-1)/(m+1)), whose
 * argument is below 0.18 in size here: nine terms are exact to 1e-15. */
static double natural_log(double x)
{
    union {
        double value;
        uint64_t bits;
    } u = {.value = x};
    int exponent = (int)(u.bits >> 52) - 1023;
    u.bits = (u.bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1023) << 52;
    double m = u.value; /* 1 <= m < 2 */
    if (m > 1.4142135623730951) {
        m /= 2;
        exponent++;
    }
    double z = (m - 1) / (m + 1), z2 = z * z, sum = 0;
    for (int k = 17; k >= 1; k -= 2)
        sum = sum * z2 + 1.0 / k;
    return exponent * LN2 + 2 * z * sum;
}

/* 1 - exp(-x) for x >= 0, without cancellation for small x: halve until the series is short, then
 * 1-e(2x) = q(2-q) for q = 1-e(x). */
static double one_minus_exp(double x)
{
    if (x > 40)
        return 1;
    int halvings = 0;
    while (x > 0.125) {
        x /= 2;
        halvings++;
    }
    double q = 0;
    for (int k = 9; k >= 1; k--)
        q = x / k * (1 - q);
    while (halvings--)
        q = q * (2 - q);
    return q;
}

/* Bytes to the next point of interest: exponential, so it has no memory of where it started. */
static int64_t gap(struct thread *t)
{
    double u = (double)((random_next(t) >> 11) + 1) / 9007199254740992.0; /* (0, 1], 53 bits */
    return (int64_t)(-natural_log(u) * (double)options.sample_bytes) + 1;
}

bool poisson_takes(struct thread *t, uint64_t size)
{
    if (t->random == 0)
        t->until_sample = gap(t);
    t->until_sample -= (int64_t)(size ? size : 1);
    if (likely(t->until_sample > 0))
        return false;
    t->until_sample = gap(t);
    return true;
}

static uint64_t rounded(double value, const void *p, uint64_t salt)
{
    uint64_t whole = (uint64_t)value;
    uint64_t dither =
        ((uintptr_t)p >> 3) * UINT64_C(0x9e3779b97f4a7c15) ^ salt * UINT64_C(0xd6e8feb86659fd93);
    dither ^= dither >> 32;
    dither *= UINT64_C(0xd6e8feb86659fd93);
    return whole + ((double)(dither >> 11) / 9007199254740992.0 < value - (double)whole);
}

struct amount poisson_weigh(struct amount a, const void *p)
{
    double rate = (double)options.sample_bytes, size = a.requested ? (double)a.requested : 1;
    double share = 1 / one_minus_exp(size / rate);
    return (struct amount){.blocks = rounded(share, p, 1),
                           .bytes = rounded((double)a.bytes * share, p, 2),
                           .requested = rounded((double)a.requested * share, p, 3)};
}
