/* Byte sampling: expectations are right for every size, and weights repeat. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "options.h"
#include "poisson.h"
#include "sampler.h"

struct options options = {.sample_bytes = 65536};
struct thread thread_nobody;
__thread struct thread *self = &thread_nobody;

void sampler_leaving(uint32_t site)
{
    (void)site;
}

struct estimate {
    double blocks, bytes, sampled;
};

/* One block, the n-th of all. */
static void allocate(struct thread *t, uint64_t size, uint64_t n, struct estimate *e)
{
    if (!poisson_takes(t, size))
        return;
    struct amount a =
        poisson_weigh((struct amount){1, size + 8, size}, (void *)(uintptr_t)(0x10000 + n * 16));
    e->blocks += (double)a.blocks;
    e->bytes += (double)a.bytes;
    e->sampled++;
}

/* Estimated bytes and blocks over the true ones. Five standard errors of a Poisson sum are allowed: a
 * right implementation fails once in two million runs, and the seed is fixed. */
static void check_estimate(struct estimate e, uint64_t size, uint64_t count)
{
    double blocks = e.blocks, bytes = e.bytes, sampled = e.sampled;
    double share = 1 - exp(-(double)size / (double)options.sample_bytes);
    double spread = 5 * sqrt((1 - share) / ((double)count * share)) + 5 / sqrt((double)count);
    assert_true(sampled > 0);
    assert_true(fabs(blocks / (double)count - 1) < spread);
    assert_true(fabs(bytes / ((double)count * (double)(size + 8)) - 1) < spread);
}

static const uint64_t sizes[] = {1, 16, 100, 1000, 10000, 65536, 200000, 5000000};
#define SIZES (sizeof sizes / sizeof *sizes)

static struct thread *fresh_thread(void)
{
    struct thread *t = calloc(1, sizeof *t);
    t->id = 1;
    t->random = 88172645463325252u;
    return t;
}

static void estimates_of_blocks_and_bytes_are_right_for_every_size(void **unused)
{
    struct thread *t = fresh_thread();
    (void)unused;
    for (size_t i = 0; i < SIZES; i++) {
        const uint64_t count = sizes[i] < 1000 ? 2000000 : 200000;
        struct estimate e = {0};
        for (uint64_t n = 0; n < count; n++)
            allocate(t, sizes[i], n, &e);
        check_estimate(e, sizes[i], count);
    }
    free(t);
}

/* As in programs: a small block always follows a large one. What the large one takes of the way to the next
 * sample must not be the small one's gain or loss. */
static void sizes_in_turn_do_not_bias_each_other(void **unused)
{
    const uint64_t count = 1000000;
    struct estimate e[SIZES] = {{0}};
    struct thread *t = fresh_thread();
    (void)unused;
    for (uint64_t n = 0; n < count; n++)
        for (size_t i = 0; i < SIZES; i++)
            allocate(t, sizes[i], n * SIZES + i, &e[i]);
    for (size_t i = 0; i < SIZES; i++)
        check_estimate(e[i], sizes[i], count);
    free(t);
}

static void a_block_weighs_the_same_when_it_is_freed(void **unused)
{
    (void)unused;
    for (uintptr_t p = 0x7f0000000000; p < 0x7f0000010000; p += 48) {
        struct amount a = {1, 136, 130}, once = poisson_weigh(a, (void *)p),
                      again = poisson_weigh(a, (void *)p);
        assert_true(once.blocks == again.blocks && once.bytes == again.bytes);
        assert_true(once.bytes >= once.blocks);
    }
}

static void a_block_far_beyond_the_rate_stands_for_itself(void **unused)
{
    (void)unused;
    struct amount a = poisson_weigh((struct amount){1, 65536 * 100, 65536 * 100}, (void *)0x1000);
    assert_true(a.blocks == 1 && a.bytes == 65536 * 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates_of_blocks_and_bytes_are_right_for_every_size),
        cmocka_unit_test(sizes_in_turn_do_not_bias_each_other),
        cmocka_unit_test(a_block_weighs_the_same_when_it_is_freed),
        cmocka_unit_test(a_block_far_beyond_the_rate_stands_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
