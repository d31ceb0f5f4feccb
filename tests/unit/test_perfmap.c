/* Perf maps: which line is in force, names of runtimes, hostile text. */
#include "perfmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "FUNCTION FILE LINE" of an address in a map, or "-". */
static const char *look_up(const char *text, uint64_t address)
{
    static char answer[512];
    struct jitname name;
    struct perfmap *map = perfmap_parse(text, strlen(text));
    strcpy(answer, "-");
    if (perfmap_find(map, address, &name) == 0) {
        snprintf(answer, sizeof answer, "%s %s %u", name.function, name.file ? name.file : "-", name.line);
        jitname_free(&name);
    }
    perfmap_close(map);
    return answer;
}

static void last_line_that_covers_the_address_counts(void **state)
{
    static const char map[] = "1000 100 old\n1080 10 new\n2000 1 other\n";
    (void)state;
    assert_string_equal(look_up(map, 0x1000), "old - 0");
    assert_string_equal(look_up(map, 0x1080), "new - 0");
    assert_string_equal(look_up(map, 0x1090), "old - 0");
    assert_string_equal(look_up(map, 0x10ff), "old - 0");
    assert_string_equal(look_up(map, 0x1100), "-");
    assert_string_equal(look_up(map, 0xfff), "-");
}

static void names_of_runtimes_are_taken_apart(void **state)
{
    (void)state;
    assert_string_equal(look_up("10 4 py::remember:/srv/app.py\n", 0x10), "remember /srv/app.py 0");
    assert_string_equal(look_up("10 4 JS:*remember /srv/app.js:12:5\n", 0x10), "remember /srv/app.js 12");
    assert_string_equal(look_up("10 4 LazyCompile:~tick file:///a b.js:3:1\n", 0x10),
                        "tick file:///a b.js 3");
    assert_string_equal(look_up("10 4 JS:^ /srv/app.js:7:9\n", 0x10), "(anonymous) /srv/app.js 7");
    assert_string_equal(look_up("10 4 Builtin:ArrayPush\n", 0x10), "Builtin:ArrayPush - 0");
    assert_string_equal(look_up("0x10 0x4 java.lang.String::hash\n", 0x10), "java.lang.String::hash - 0");
}

static void broken_lines_are_passed_over(void **state)
{
    static const char *const broken[] = {
        "",
        "\n",
        "10\n",
        "10 4\n",
        "10 4 \n",
        "xyz 4 a\n",
        "10 0 empty\n",
        "10 -4 a\n",
        "\0010 4 a\n",
        "10  4 a\n",
        "ffffffffffffffff 2 wraps\n",
        "11111111111111111 4 too long\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        char text[256];
        assert_string_equal(look_up(broken[i], 0x10), "-");
        snprintf(text, sizeof text, "10 4 before\n%s20 4 after\n", broken[i]);
        assert_string_equal(look_up(text, 0x20), "after - 0");
    }
    assert_string_equal(look_up("10 4 cut at the end of the fil", 0x12), "cut at the end of the fil - 0");
}

static void names_of_any_length_are_bounded(void **state)
{
    size_t size = 1 << 20;
    char *text = malloc(size + 8);
    struct jitname name;
    (void)state;
    memcpy(text, "10 4 ", 5);
    memset(text + 5, 'x', size);
    struct perfmap *map = perfmap_parse(text, size);
    assert_int_equal(perfmap_find(map, 0x10, &name), 0);
    assert_true(strlen(name.function) <= 4096);
    jitname_free(&name);
    perfmap_close(map);
    free(text);
}

static void no_map_has_no_names(void **state)
{
    struct jitname name;
    (void)state;
    assert_int_equal(perfmap_find(NULL, 0x10, &name), -1);
    perfmap_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_line_that_covers_the_address_counts),
        cmocka_unit_test(names_of_runtimes_are_taken_apart),
        cmocka_unit_test(broken_lines_are_passed_over),
        cmocka_unit_test(names_of_any_length_are_bounded),
        cmocka_unit_test(no_map_has_no_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
