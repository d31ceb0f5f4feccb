/* Nodes: however many threads ask for the same frames at once, in whatever order, and while levels of heads
 * are added, a frame has one node. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>

#include "book.h"
#include "book_file.h"
#include "nodes.h"

#define THREADS 6
#define FRAMES  600000u /* three levels */

static uint32_t *found[THREADS];
static pthread_barrier_t ready;

/* A tree: each frame is called by one of an eighth of its number. */
static uint32_t get(const uint32_t *ids, uint32_t i)
{
    struct nodes_search room;
    return nodes_get(&room, i < 8 ? 0 : ids[i / 8], UINT64_C(1) << 50 | i % 1000);
}

/* Blocks of frames in each thread's own order; parents first. */
static void *ask(void *argument)
{
    uint32_t t = (uint32_t)(uintptr_t)argument, *ids = found[t];
    pthread_barrier_wait(&ready);
    for (uint32_t from = 0; from < FRAMES; from += 1000)
        for (uint32_t k = 0; k < 1000; k++) {
            uint32_t i = from + (k * 7 + t * 131) % 1000;
            if (!ids[i])
                ids[i] = get(ids, i);
        }
    return NULL;
}

static void one_frame_is_one_node(void **unused)
{
    (void)unused;
    pthread_t thread[THREADS];
    assert_true(book_open_memory());
    assert_true(nodes_init());
    pthread_barrier_init(&ready, NULL, THREADS);
    for (uint32_t t = 0; t < THREADS; t++) {
        found[t] = calloc(FRAMES, sizeof *found[t]);
        assert_non_null(found[t]);
        for (uint32_t i = 0; i < 8000; i++)
            assert_int_not_equal(found[t][i] = get(found[t], i), 0);
    }
    for (uint32_t t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&thread[t], NULL, ask, (void *)(uintptr_t)t), 0);
    for (uint32_t t = 0; t < THREADS; t++)
        pthread_join(thread[t], NULL);
    for (uint32_t i = 0; i < FRAMES; i++)
        for (uint32_t t = 0; t < THREADS; t++)
            assert_int_equal(found[t][i], found[0][i]);
    /* Those that lost a race are nobody's. */
    uint64_t used = book.head->area[AREA_NODES].used, kept = 0;
    for (uint32_t id = 1; id < used; id++)
        kept += book_node(id)->where != 0;
    uint32_t distinct = 0, largest = 0;
    for (uint32_t i = 0; i < FRAMES; i++)
        largest = found[0][i] > largest ? found[0][i] : largest;
    uint8_t *seen = calloc(largest + 1, 1);
    assert_non_null(seen);
    for (uint32_t i = 0; i < FRAMES; i++) {
        distinct += !seen[found[0][i]];
        seen[found[0][i]] = 1;
    }
    print_message("%u frames, %u nodes, %lu items\n", FRAMES, distinct, (unsigned long)used);
    assert_int_equal(kept, distinct);
    assert_true(distinct > 1u << 18);
    for (uint32_t t = 0; t < THREADS; t++)
        free(found[t]);
    free(seen);
}

static void sites_begin_at_their_node(void **unused)
{
    (void)unused;
    uint32_t *a = nodes_sites(1), *b = nodes_sites(65536), *c = nodes_sites(65537);
    assert_non_null(a);
    assert_true(a != b && b != c && a == nodes_sites(1) && *a == 0);
    assert_null(nodes_sites(UINT32_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_frame_is_one_node),
        cmocka_unit_test(sites_begin_at_their_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
