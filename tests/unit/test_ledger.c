/* The reader against well-made, moving, damaged and malicious ledgers. */
#include "ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger_build.h"

static char why[256];

static int view(struct ledger *l, const struct build *b, uint64_t size)
{
    return ledger_view(l, b->bytes, size, why, sizeof why);
}

static double rising(double seconds)
{
    return seconds * 10000;
}

/* A stack "remember <- main", one account with a block's counter, one history. */
static struct build small_ledger(void)
{
    static const char *const command[] = {"myserver", "--port", "8080", NULL};
    struct build b = build_new();
    uint32_t module = build_module(&b, "/usr/bin/myserver");
    uint32_t root = build_node(&b, 0, module, 0x1250, NODE_CUT);
    uint32_t leaf = build_node(&b, root, module, 0x1190, NODE_REPEATS);
    uint32_t site = build_site(&b, leaf), block = build_block(&b);
    b.head->command = build_command(&b, command);
    build_history(&b, site, rising, 0);
    struct counter *c = build_counter(&b, block, site);
    c->allocs = 10;
    c->alloc_bytes = 1040;
    c->requested_bytes = 1000;
    c->frees = 4;
    c->freed_bytes = 416;
    return b;
}

/* Reads all there is: with ASan, every access is checked. */
static uint64_t read_everything(const struct ledger *l)
{
    struct sums *sums = malloc((l->used[AREA_SITES] + 1) * sizeof *sums);
    uint64_t sum = ledger_head(l).pid;
    ledger_all_sums(l, sums);
    for (uint32_t id = 0; id < l->used[AREA_SITES]; id++) {
        struct frame frames[64];
        struct history history;
        const struct site *site = ledger_site(l, id);
        sum += sums[id].live_bytes + ledger_sums(l, id).live_blocks;
        uint32_t count = ledger_stack(l, site->node, frames, 64);
        for (uint32_t i = 0; i < count; i++) {
            const struct module *m = ledger_module(l, frames[i].module);
            sum += m ? strlen(ledger_text(l, m->path)) : frames[i].offset;
        }
        if (ledger_history(l, site->history, id, &history))
            sum += history.count;
    }
    for (uint32_t at = 0; at < l->used[AREA_TEXT] + 8; at++)
        sum += strlen(ledger_text(l, at));
    free(sums);
    return sum;
}

static void well_made_ledger_is_read(void **state)
{
    struct build b = small_ledger();
    struct ledger l;
    struct frame frames[8];
    struct history history;
    (void)state;
    assert_int_equal(view(&l, &b, b.size), 0);
    assert_int_equal(ledger_stack(&l, ledger_site(&l, 1)->node, frames, 8), 2);
    assert_int_equal(frames[0].offset, 0x1190);
    assert_true(frames[0].repeats && !frames[0].cut);
    assert_int_equal(frames[1].offset, 0x1250);
    assert_true(frames[1].cut && !frames[1].exact);
    assert_string_equal(ledger_text(&l, ledger_module(&l, 1)->path), "/usr/bin/myserver");
    assert_string_equal(ledger_text(&l, l.head.command), "myserver");
    assert_true(ledger_history(&l, 1, 1, &history));
    assert_false(ledger_history(&l, 1, 0, &history)); /* another's */
    assert_null(ledger_module(&l, 0));
    assert_null(ledger_site(&l, 2));
    build_free(&b);
}

static void live_is_account_and_all_blocks(void **state)
{
    struct build b = small_ledger();
    struct ledger l;
    struct sums all[2];
    (void)state;
    assert_int_equal(view(&l, &b, b.size), 0);
    struct sums s = ledger_sums(&l, 1);
    assert_int_equal(s.live_bytes, 600000 + 1040 - 416);
    assert_int_equal(s.live_blocks, 6000 + 10 - 4);
    assert_int_equal(s.in_flight, 0);
    ledger_all_sums(&l, all);
    assert_memory_equal(&all[1], &s, sizeof s);
    build_free(&b);
}

static void odd_sequence_is_in_flight_and_not_counted_twice(void **state)
{
    struct build b = small_ledger();
    struct ledger l;
    struct sums all[2];
    (void)state;
    build_counter(&b, 1, 1)->sequence = 7;
    assert_int_equal(view(&l, &b, b.size), 0);
    struct sums s = ledger_sums(&l, 1);
    assert_int_equal(s.live_bytes, 600000);
    assert_int_equal(s.in_flight, 1);
    ledger_all_sums(&l, all);
    assert_memory_equal(&all[1], &s, sizeof s);
    build_free(&b);
}

static void more_freed_than_allocated_is_zero_live(void **state)
{
    struct build b = small_ledger();
    struct ledger l;
    (void)state;
    build_site_at(&b, 1)->freed_bytes = UINT64_C(1) << 50;
    build_site_at(&b, 1)->frees = UINT64_C(1) << 40;
    assert_int_equal(view(&l, &b, b.size), 0);
    assert_int_equal(ledger_sums(&l, 1).live_bytes, 0);
    assert_int_equal(ledger_sums(&l, 1).live_blocks, 0);
    build_free(&b);
}

static void every_shorter_file_is_refused(void **state)
{
    struct build b = small_ledger();
    struct ledger l;
    (void)state;
    /* around every boundary there is, and the ends */
    for (int a = -1; a < AREAS; a++) {
        uint64_t at = a < 0 ? LEDGER_HEADER_BYTES : b.head->area[a].offset;
        for (uint64_t size = at - 9; size <= at + 9; size++)
            assert_int_equal(view(&l, &b, size), -1);
    }
    for (uint64_t size = 0; size < 64; size++)
        assert_int_equal(view(&l, &b, size), -1);
    assert_int_equal(view(&l, &b, b.size - 1), -1);
    assert_non_null(strstr(why, "cut short"));
    assert_int_equal(view(&l, &b, b.size), 0);
    build_free(&b);
}

static void other_formats_are_told(void **state)
{
    struct build b = small_ledger();
    struct ledger l;
    (void)state;
    b.head->version = 2;
    assert_int_equal(view(&l, &b, b.size), -1);
    assert_string_equal(why, "is a ledger of format 2, this leakwatch reads format 1");
    b.head->version = LEDGER_VERSION;
    b.head->magic[0] ^= 1;
    assert_int_equal(view(&l, &b, b.size), -1);
    assert_string_equal(why, "is not a ledger");
    memset(b.head->magic, 0, sizeof b.head->magic);
    assert_int_equal(view(&l, &b, b.size), -1);
    build_free(&b);
}

static void forged_areas_are_refused(void **state)
{
    static const uint64_t wrong[] = {0, 1, 4095, 4097, UINT64_MAX, UINT64_MAX - 4095, UINT64_C(1) << 63};
    struct ledger l;
    (void)state;
    for (int a = 0; a < AREAS; a++)
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            struct build b = small_ledger();
            b.head->area[a].offset = wrong[i];
            assert_int_equal(view(&l, &b, b.size), -1);
            build_free(&b);
        }
    for (int a = 0; a < AREAS; a++) {
        struct build b = small_ledger();
        b.head->area[a].capacity = UINT64_MAX / 2;
        assert_int_equal(view(&l, &b, b.size), -1);
        b = (build_free(&b), small_ledger());
        b.head->area[a].item++;
        assert_int_equal(view(&l, &b, b.size), -1);
        b = (build_free(&b), small_ledger());
        b.head->file_bytes += 4096;
        assert_int_equal(view(&l, &b, b.size), -1);
        build_free(&b);
    }
}

static void counts_beyond_an_area_are_clamped(void **state)
{
    struct ledger l;
    (void)state;
    for (int a = 0; a < AREAS; a++) {
        struct build b = small_ledger();
        b.head->area[a].used = UINT64_MAX; /* no recorder writes that */
        assert_int_equal(view(&l, &b, b.size), 0);
        assert_int_equal(l.used[a], b.head->area[a].capacity);
        read_everything(&l);
        build_free(&b);
    }
}

static void cycles_of_nodes_end(void **state)
{
    struct build b = small_ledger();
    struct ledger l;
    struct frame frames[100];
    (void)state;
    struct node *nodes = (struct node *)(void *)(b.bytes + b.head->area[AREA_NODES].offset);
    nodes[1].parent = 2;
    assert_int_equal(view(&l, &b, b.size), 0);
    assert_int_equal(ledger_stack(&l, 2, frames, 100), 100);
    nodes[1].where = nodes[2].where = 0; /* and a cycle without a single frame */
    assert_int_equal(ledger_stack(&l, 2, frames, 100), 0);
    nodes[2].parent = UINT32_MAX;
    assert_int_equal(ledger_stack(&l, 2, frames, 100), 0);
    build_free(&b);
}

static void text_without_an_end_is_empty(void **state)
{
    struct build b = small_ledger();
    struct ledger l;
    (void)state;
    memset(b.bytes + b.head->area[AREA_TEXT].offset, 'x', b.head->area[AREA_TEXT].used);
    assert_int_equal(view(&l, &b, b.size), 0);
    assert_string_equal(ledger_text(&l, 5), "");
    assert_string_equal(ledger_text(&l, UINT32_MAX), "");
    build_free(&b);
}

static void histories_that_lie_are_refused(void **state)
{
    struct build b = small_ledger();
    struct ledger l;
    struct history copy;
    (void)state;
    struct history *h = (struct history *)(void *)(b.bytes + b.head->area[AREA_HISTORIES].offset) + 1;
    struct history good = *h;
    assert_int_equal(view(&l, &b, b.size), 0);
    h->count = HISTORY_WINDOWS + 1;
    assert_false(ledger_history(&l, 1, 1, &copy));
    *h = good, h->width_ms = 0;
    assert_false(ledger_history(&l, 1, 1, &copy));
    *h = good, h->last_ms = h->open_ms - 1;
    assert_false(ledger_history(&l, 1, 1, &copy));
    *h = good, h->closed[3].high = -1;
    assert_false(ledger_history(&l, 1, 1, &copy));
    *h = good, h->closed[3].low = __builtin_nanf("");
    assert_false(ledger_history(&l, 1, 1, &copy));
    *h = good, h->last_live = __builtin_inff();
    assert_false(ledger_history(&l, 1, 1, &copy));
    *h = good, h->sequence = 3; /* its writer died inside */
    assert_true(ledger_history(&l, 1, 1, &copy));
    assert_int_equal(copy.sequence % 2, 1);
    build_free(&b);
}

static void only_own_regular_files_are_opened(void **state)
{
    struct ledger l;
    struct build b = small_ledger();
    (void)state;
    assert_int_equal(ledger_open(&l, "/nonexistent/ledger", why, sizeof why), -1);
    assert_non_null(strstr(why, "No such file"));
    assert_int_equal(ledger_open(&l, "/tmp", why, sizeof why), -1);
    assert_string_equal(why, "is a directory");
    assert_int_equal(ledger_open(&l, "/dev/null", why, sizeof why), -1);
    assert_string_equal(why, "is not a regular file");
    char *path = build_file(&b);
    assert_int_equal(ledger_open(&l, path, why, sizeof why), 0);
    read_everything(&l);
    ledger_close(&l);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 65534, 65534), 0);
        assert_int_equal(ledger_open(&l, path, why, sizeof why), -1);
        assert_non_null(strstr(why, "belongs to another user (uid 65534)"));
    }
    unlink(path);
    free(path);
    build_free(&b);
}

/* Any byte may hold anything. */
static void random_damage_never_crashes(void **state)
{
    const char *given = getenv("SEED");
    unsigned seed = given ? (unsigned)atoi(given) : (unsigned)time(NULL);
    uint64_t opened = 0;
    struct build good = small_ledger(), b = small_ledger();
    (void)state;
    print_message("seed %u\n", seed);
    srandom(seed);
    for (int round = 0; round < 3000; round++) {
        memcpy(b.bytes, good.bytes, good.size);
        for (int i = 0; i < 1 + round % 8; i++) {
            /* Mostly what is in use: the header's first part, and the beginnings of areas. */
            uint64_t area = b.head->area[random() % AREAS].offset % b.size;
            uint64_t base = random() % 2 ? 16 : area;
            b.bytes[(base + (uint64_t)random() % 600) % b.size] = (unsigned char)random();
        }
        struct ledger l;
        if (view(&l, &b, b.size) == 0 && ++opened)
            read_everything(&l);
    }
    print_message("%u of 3000 still opened\n", (unsigned)opened);
    build_free(&good);
    build_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_made_ledger_is_read),
        cmocka_unit_test(live_is_account_and_all_blocks),
        cmocka_unit_test(odd_sequence_is_in_flight_and_not_counted_twice),
        cmocka_unit_test(more_freed_than_allocated_is_zero_live),
        cmocka_unit_test(every_shorter_file_is_refused),
        cmocka_unit_test(other_formats_are_told),
        cmocka_unit_test(forged_areas_are_refused),
        cmocka_unit_test(counts_beyond_an_area_are_clamped),
        cmocka_unit_test(cycles_of_nodes_end),
        cmocka_unit_test(text_without_an_end_is_empty),
        cmocka_unit_test(histories_that_lie_are_refused),
        cmocka_unit_test(only_own_regular_files_are_opened),
        cmocka_unit_test(random_damage_never_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
