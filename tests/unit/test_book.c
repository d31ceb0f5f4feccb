/* The book: areas, growth, and what happens when there is no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "book.h"
#include "book_file.h"

static int temporary(void)
{
    char name[] = "/dev/shm/leakwatch-test-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    unlink(name);
    return fd;
}

static void an_empty_book_takes_every_call(void **unused)
{
    (void)unused;
    assert_int_equal(book_add(AREA_SITES, 1), 0);
    assert_int_equal(book_text("x", 1), 0);
    loss(LOSS_NESTED);
}

static void what_was_lost_before_the_book_is_told_in_it(void **unused)
{
    (void)unused;
    loss(LOSS_MMAP_FULL);
    assert_true(book_open_memory());
    book_publish();
    assert_int_equal(book.head->losses[LOSS_MMAP_FULL], 1);
    book_close();
    assert_true(book_open_memory()); /* a forked child's: not its loss */
    book_publish();
    assert_int_equal(book.head->losses[LOSS_MMAP_FULL], 0);
    book_close();
}

/* What `used` covers is looked at, by us and by readers. */
static void used_items_exist_when_the_file_cannot_grow(void **unused)
{
    (void)unused;
    int fd = temporary();
    assert_true(book_open_file(fd));
    assert_int_equal(ftruncate(fd, (off_t)book.head->area[AREA_BLOCKS].offset), 0); /* like a full disk */
    for (int i = 0; i < 3; i++)
        assert_int_equal(book_add(AREA_BLOCKS, 1), 0);
    assert_int_equal(book.head->area[AREA_BLOCKS].used, 1);
    assert_true(book.head->losses[LOSS_LEDGER_GROW] > 0);
    book_close();
    close(fd);
}

static void items_are_zero_and_never_handed_out_twice(void **unused)
{
    (void)unused;
    int fd = temporary();
    assert_true(book_open_file(fd));
    uint32_t last = 0;
    for (int i = 0; i < 20000; i++) {
        uint32_t id = book_add(AREA_NODES, 1);
        assert_int_equal(id, last + 1);
        assert_true(book_node(id)->where == 0);
        book_node(id)->where = id;
        last = id;
    }
    assert_true(book_node(12345)->where == 12345);
    book_close();
    close(fd);
}

static void areas_do_not_overlap_and_lie_inside_the_file(void **unused)
{
    (void)unused;
    assert_true(book_open_memory());
    uint64_t end = LEDGER_HEADER_BYTES;
    for (int a = 0; a < AREAS; a++) {
        const struct area *area = &book.head->area[a];
        assert_true(area->offset == end && area->capacity > 1);
        end = area->offset + (area->capacity * area->item + 4095) / 4096 * 4096;
        assert_true(end <= book.head->file_bytes);
        end = a + 1 < AREAS ? book.head->area[a + 1].offset : end;
    }
    book_close();
}

static void a_full_area_says_no_and_stays_usable(void **unused)
{
    (void)unused;
    assert_true(book_open_memory());
    uint64_t capacity = book.head->area[AREA_MODULES].capacity;
    for (uint64_t i = 1; i < capacity; i++)
        assert_true(book_add(AREA_MODULES, 1) == i);
    for (int i = 0; i < 10; i++)
        assert_int_equal(book_add(AREA_MODULES, 1), 0);
    assert_true(book.head->area[AREA_MODULES].used == capacity);
    assert_true(book_add(AREA_SITES, 1) != 0);
    book_close();
}

/* In a child, because limits and SIGXFSZ are a process's. 0 = as it should be. */
static int in_child(int (*test)(void))
{
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(test());
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int open_under_file_limit(void)
{
    struct rlimit small = {8 << 20, 8 << 20};
    setrlimit(RLIMIT_FSIZE, &small);
    return book_open_file(temporary()) && book.head->file_bytes <= 8 << 20 ? 0 : 1;
}

static int refuse_zero_file_limit(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_FSIZE, &none);
    return book_open_file(temporary()) ? 1 : 0;
}

static void a_file_size_limit_makes_the_book_smaller_and_kills_nobody(void **unused)
{
    (void)unused;
    assert_int_equal(in_child(open_under_file_limit), 0);
    assert_int_equal(in_child(refuse_zero_file_limit), 0);
}

static void a_promoted_book_keeps_its_address_and_every_item(void **unused)
{
    (void)unused;
    assert_true(book_open_memory());
    uint32_t site = book_add(AREA_SITES, 1), text = book_text("hello", 5);
    book_site(site)->allocations = 42;
    uint32_t first = book_add(AREA_NODES, 30000);
    for (uint32_t i = 0; i < 30000; i++)
        book_node(first + i)->where = i + 1;
    struct ledger_header *head = book.head;
    int fd = temporary();
    assert_true(book_promote(fd));
    assert_ptr_equal(head, book.head);
    assert_int_equal(book_site(site)->allocations, 42);
    assert_string_equal((char *)book.area[AREA_TEXT] + text, "hello");
    for (uint32_t i = 0; i < 30000; i++)
        assert_true(book_node(first + i)->where == i + 1);
    book_site(site)->allocations = 43; /* and from now on it is the file */
    uint64_t seen = 0;
    off_t at = (off_t)((char *)&book_site(site)->allocations - (char *)head);
    assert_int_equal(pread(fd, &seen, sizeof seen, at), sizeof seen);
    assert_int_equal(seen, 43);
    assert_true(book_add(AREA_NODES, 60000) != 0); /* it still grows */
    book_close();
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_book_takes_every_call),
        cmocka_unit_test(what_was_lost_before_the_book_is_told_in_it),
        cmocka_unit_test(used_items_exist_when_the_file_cannot_grow),
        cmocka_unit_test(items_are_zero_and_never_handed_out_twice),
        cmocka_unit_test(areas_do_not_overlap_and_lie_inside_the_file),
        cmocka_unit_test(a_full_area_says_no_and_stays_usable),
        cmocka_unit_test(a_file_size_limit_makes_the_book_smaller_and_kills_nobody),
        cmocka_unit_test(a_promoted_book_keeps_its_address_and_every_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
