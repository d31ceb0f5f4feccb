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

/* Estimated bytes and blocks over the true ones. Five standard errors of a Poisson sum are allowed: a
 * right implementation fails once in two million runs, and the seed is fixed. */
static void check_size(struct thread *t, uint64_t size)
{
    const uint64_t count = size < 1000 ? 2000000 : 200000;
    double blocks = 0, bytes = 0, sampled = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (!poisson_takes(t, size))
            continue;
        struct amount a =
            poisson_weigh((struct amount){1, size + 8, size}, (void *)(uintptr_t)(0x10000 + i * 16));
        blocks += (double)a.blocks;
        bytes += (double)a.bytes;
        sampled++;
    }
    double share = 1 - exp(-(double)size / (double)options.sample_bytes);
    double spread = 5 * sqrt((1 - share) / ((double)count * share)) + 5 / sqrt((double)count);
    assert_true(sampled > 0);
    assert_true(fabs(blocks / (double)count - 1) < spread);
    assert_true(fabs(bytes / ((double)count * (double)(size + 8)) - 1) < spread);
}

static void estimates_of_blocks_and_bytes_are_right_for_every_size(void **unused)
{
    static const uint64_t sizes[] = {1, 16, 100, 1000, 10000, 65536, 200000, 5000000};
    struct thread *t = calloc(1, sizeof *t);
    (void)unused;
    t->id = 1;
    t->random = 88172645463325252u;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_size(t, sizes[i]);
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
        cmocka_unit_test(a_block_weighs_the_same_when_it_is_freed),
        cmocka_unit_test(a_block_far_beyond_the_rate_stands_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
