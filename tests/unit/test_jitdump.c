/* Jitdumps: what was at an address when, moves, clocks, records that end too early. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jitdump.h"

#define PID 7u

static char bytes[4096];
static size_t size;

static void put(const void *data, size_t length)
{
    assert_true(size + length <= sizeof bytes);
    memcpy(bytes + size, data, length);
    size += length;
}

static void put_head(uint32_t magic, uint32_t machine, uint32_t pid, uint64_t flags)
{
    uint32_t words[] = {magic, 1, 40, machine, 0, pid};
    uint64_t more[] = {0, flags};
    size = 0;
    put(words, sizeof words);
    put(more, sizeof more);
}

static void begin(uint64_t flags)
{
    put_head(0x4a695444, 62, PID, flags);
}

static void put_record(uint32_t kind, size_t body, uint64_t time)
{
    uint32_t words[] = {kind, (uint32_t)(16 + body)};
    put(words, sizeof words);
    put(&time, sizeof time);
}

static void put_load(uint64_t time, uint64_t start, uint64_t length, uint64_t index, const char *name)
{
    uint32_t ids[] = {PID, PID};
    uint64_t words[] = {start, start, length, index};
    put_record(0, sizeof ids + sizeof words + strlen(name) + 1 + 4, time);
    put(ids, sizeof ids);
    put(words, sizeof words);
    put(name, strlen(name) + 1);
    put("code", 4);
}

static void put_move(uint64_t time, uint64_t from, uint64_t to, uint64_t length, uint64_t index)
{
    uint32_t ids[] = {PID, PID};
    uint64_t words[] = {to, from, to, length, index};
    put_record(1, sizeof ids + sizeof words, time);
    put(ids, sizeof ids);
    put(words, sizeof words);
}

static struct jitdump *read_dump(void)
{
    FILE *file = fmemopen(bytes, size, "r");
    assert_non_null(file);
    struct jitdump *dump = jitdump_read(file, PID);
    fclose(file);
    return dump;
}

/* "FUNCTION FILE LINE", or "-" */
static const char *look_up(uint64_t address, uint64_t when)
{
    static char answer[256];
    struct jitname name;
    struct jitdump *dump = read_dump();
    assert_non_null(dump);
    uint32_t code = jitdump_find(dump, address, when);
    strcpy(answer, "-");
    if (code) {
        assert_int_equal(jitdump_name(dump, code, &name), 0);
        snprintf(answer, sizeof answer, "%s %s %u", name.function, name.file ? name.file : "-", name.line);
        jitname_free(&name);
    }
    jitdump_close(dump);
    return answer;
}

static void code_is_named_by_what_was_there_then(void **state)
{
    (void)state;
    begin(0);
    put_load(100, 0x1000, 0x100, 1, "JS:*leak /a.js:3:1");
    put_load(200, 0x1080, 0x10, 2, "JS:~other /b.js:9:1");
    put_load(300, 0x1000, 0x100, 3, "stub");
    assert_string_equal(look_up(0x1088, 150), "leak /a.js 3");
    assert_string_equal(look_up(0x1088, 200), "other /b.js 9");
    assert_string_equal(look_up(0x1090, 299), "leak /a.js 3");
    assert_string_equal(look_up(0x1088, 300), "stub - 0");
    assert_string_equal(look_up(0x10ff, 999), "stub - 0");
    assert_string_equal(look_up(0x1100, 999), "-");
    assert_string_equal(look_up(0xfff, 999), "-");
}

/* Times of sites are rounded: code that came a moment later is the best there is. */
static void before_the_first_the_first_counts(void **state)
{
    (void)state;
    begin(0);
    put_load(300, 0x1000, 0x100, 1, "late");
    put_load(200, 0x1000, 0x100, 2, "first");
    assert_string_equal(look_up(0x1000, 100), "first - 0");
}

static void moved_code_keeps_its_name(void **state)
{
    (void)state;
    begin(0);
    put_load(100, 0x1000, 0x100, 1, "mover");
    put_load(110, 0x2000, 0x100, 2, "settled");
    put_move(200, 0x1000, 0x2000, 0x100, 1);
    put_move(300, 0x2000, 0x5000, 0x100, 1);
    put_move(300, 0x8000, 0x9000, 0x100, 77); /* of no load */
    assert_string_equal(look_up(0x2010, 150), "settled - 0");
    assert_string_equal(look_up(0x2010, 250), "mover - 0");
    assert_string_equal(look_up(0x5010, 999), "mover - 0");
    assert_string_equal(look_up(0x9010, 999), "-");
}

/* Times of another clock say nothing about ours. */
static void of_another_clock_the_last_in_the_file_counts(void **state)
{
    (void)state;
    begin(1);
    put_load(500, 0x1000, 0x100, 1, "before");
    put_load(100, 0x1000, 0x100, 2, "after");
    assert_string_equal(look_up(0x1000, 400), "after - 0");
}

static void a_dump_may_end_anywhere(void **state)
{
    (void)state;
    begin(0);
    put_load(100, 0x1000, 0x100, 1, "whole");
    size_t whole = size;
    put_load(200, 0x1000, 0x100, 2, "cut");
    for (size_t end = size; end > whole; end--) {
        size = end;
        const char *name = look_up(0x1000, 999);
        assert_true(strcmp(name, "whole - 0") == 0 || name[0] == 'c');
    }
    size = whole;
    put_record(3, 0, 300); /* closed */
    put_load(400, 0x1000, 0x100, 3, "behind the end");
    assert_string_equal(look_up(0x1000, 999), "whole - 0");
    size = whole;
    put("\0\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0", 16); /* a record shorter than its head would never end */
    assert_string_equal(look_up(0x1000, 999), "whole - 0");
}

static void dumps_of_others_are_none(void **state)
{
    static const struct {
        uint32_t magic, machine, pid;
    } heads[] = {{0x4454694a, 62, PID}, {0x4a695444, 183, PID}, {0x4a695444, 62, PID + 1}};
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        put_head(heads[i].magic, heads[i].machine, heads[i].pid, 0);
        assert_null(read_dump());
    }
    size = 39;
    assert_null(read_dump());
    assert_int_equal(jitdump_find(NULL, 0x1000, 0), 0);
    jitdump_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_is_named_by_what_was_there_then),
        cmocka_unit_test(before_the_first_the_first_counts),
        cmocka_unit_test(moved_code_keeps_its_name),
        cmocka_unit_test(of_another_clock_the_last_in_the_file_counts),
        cmocka_unit_test(a_dump_may_end_anywhere),
        cmocka_unit_test(dumps_of_others_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
