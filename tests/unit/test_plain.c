/* Plain: the report by hand, from a book with sites of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "book.h"
#include "book_file.h"
#include "options.h"
#include "plain.h"

#include "history.h"
#include "verdict.h"

static int file;

static int set_up(void **unused)
{
    (void)unused;
    file = memfd_create("said", 0);
    return file < 0;
}

static int tear_down(void **unused)
{
    (void)unused;
    return close(file);
}

static const char *said(void)
{
    static char text[65536];
    ssize_t n = pread(file, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void assert_said(const char *words)
{
    if (!strstr(said(), words))
        fail_msg("expected \"%s\" in: %s", words, said());
}

static uint32_t add_node(uint32_t parent, uint64_t where)
{
    uint32_t id = book_add(AREA_NODES, 1);
    *book_node(id) = (struct node){.parent = parent, .where = where};
    return id;
}

/* A site that holds bytes, with a history that climbs by `step` a second. */
static void add_site(uint32_t node, uint64_t bytes, double step)
{
    uint32_t id = book_add(AREA_SITES, 1), h = book_add(AREA_HISTORIES, 1);
    *book_site(id) = (struct site){.node = node,
                                   .allocations = 3003,
                                   .frees = 2,
                                   .allocated_bytes = bytes + 10,
                                   .freed_bytes = 10,
                                   .history = h};
    history_init(book_history(h), id, 0, 100, 0);
    for (uint64_t ms = 100; ms <= 60000; ms += 100) {
        double live = step > 0 ? step * (double)ms / 1000 : (double)bytes;
        if (history_add(book_history(h), ms, live, live, live, live) > 0)
            judge_step(book_history(h));
    }
}

static void fill_book(void)
{
    uint32_t module = book_add(AREA_MODULES, 1);
    book_module(module)->path = book_text("/opt/my\nserver", 14);
    uint64_t base = (uint64_t)module << NODE_MODULE_SHIFT;
    uint32_t main_node = add_node(0, base | 0x1250 | NODE_CUT);
    add_site(add_node(main_node, base | 0x1190 | NODE_REPEATS), 60 << 20, 1 << 20);
    add_site(add_node(main_node, 0x7f0011223344), 120 << 20, 2 << 20);
    add_site(add_node(main_node, base | 0x1300), 500 << 20, 0);
    add_site(add_node(main_node, base | 0x1400), 4096, 60);
}

static void a_plain_report_names_the_sites_worst_first(void **unused)
{
    (void)unused;
    assert_true(book_open_memory());
    fill_book();
    plain_report(file, "because");
    book_close();
    assert_said("leakwatch: 2 of 4 call sites grow without bound");
    assert_said("#1  GROWING  +2.0 MiB/s   ");
    assert_said(" -> 120.0 MiB   3,001 blocks live\n      0x7f0011223344\n      /opt/my\\x0aserver+0x1250  "
                "(stack cut here)\n");
    assert_said("#2  GROWING  +1.0 MiB/s   ");
    assert_said(" -> 60.0 MiB   3,001 blocks live\n      /opt/my\\x0aserver+0x1190  (repeats)\n");
    assert_null(strstr(said(), "#3"));
    assert_said("\n\nleakwatch: because\n");
}

static void only_the_worst_are_shown_but_all_are_counted(void **unused)
{
    (void)unused;
    uint32_t top = options.top;
    assert_true(book_open_memory());
    for (unsigned i = 1; i <= 100; i++)
        add_site(add_node(0, 0x1000 + (i * 37) % 101), 1 << 20, (double)((i * 37) % 101) * 65536);
    options.top = 3;
    plain_report(file, "because");
    options.top = top;
    book_close();
    assert_said("leakwatch: 100 of 100 call sites grow without bound");
    assert_said("#1  GROWING  +6.2 MiB/s");
    assert_said("0x1064\n\n  #2");
    assert_said("0x1063\n\n  #3");
    assert_said("0x1062\n\nleakwatch: because\n");
}

static void a_cycle_of_nodes_ends(void **unused)
{
    (void)unused;
    assert_true(book_open_memory());
    uint32_t node = add_node(0, 0x1000);
    book_node(node)->parent = node;
    add_site(node, 60 << 20, 1 << 20);
    plain_report(file, "because");
    book_close();
    assert_said("leakwatch: 1 of 1 call sites grows without bound");
    assert_said("leakwatch: because\n");
}

static void an_empty_book_has_nothing_to_say(void **unused)
{
    (void)unused;
    plain_report(file, "because");
    assert_said("leakwatch: no site grows; call sites seen: 0");
    assert_said("\nleakwatch: because\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_book_has_nothing_to_say),
        TEST(a_plain_report_names_the_sites_worst_first),
        TEST(only_the_worst_are_shown_but_all_are_counted),
        TEST(a_cycle_of_nodes_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
