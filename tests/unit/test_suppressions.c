/* Suppressions: LeakSanitizer's matching, and files with mistakes in them. */
#include "suppressions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static bool matches(const char *line, const char *name)
{
    struct suppressions s = {0};
    assert_true(suppressions_add(&s, line));
    bool answer = suppressions_match(&s, name) != NULL;
    suppressions_free(&s);
    return answer;
}

static void pattern_matches_anywhere_unless_anchored(void **state)
{
    (void)state;
    assert_true(matches("leak:member", "remember_all"));
    assert_false(matches("leak:^member", "remember_all"));
    assert_true(matches("leak:^remember", "remember_all"));
    assert_false(matches("leak:member$", "remember_all"));
    assert_true(matches("leak:all$", "remember_all"));
    assert_true(matches("leak:^remember_all$", "remember_all"));
    assert_false(matches("leak:^remember$", "remember_all"));
    assert_false(matches("leak:x", ""));
    assert_false(matches("leak:x", NULL));
}

static void wrappers_are_whole_functions(void **state)
{
    (void)state;
    struct suppressions s = {0};
    assert_true(suppressions_add(&s, " wrapper:my_alloc"));
    assert_true(suppressions_add(&s, "wrapper:pool_*"));
    assert_false(suppressions_add(&s, "wrapper:"));
    assert_int_equal(s.count, 0);
    assert_true(suppressions_wrap(&s, "my_alloc"));
    assert_true(suppressions_wrap(&s, "pool_get"));
    assert_false(suppressions_wrap(&s, "my_allocation"));
    assert_false(suppressions_wrap(&s, NULL));
    assert_null(suppressions_match(&s, "my_alloc"));
    suppressions_free(&s);
}

static void what_is_kept_on_purpose_is_known_by_its_own_name(void **state)
{
    (void)state;
    assert_non_null(suppressions_built_in("_dl_new_object"));
    assert_non_null(suppressions_built_in("g_quark_from_string"));
    assert_null(suppressions_built_in("dlopen"));
    assert_null(suppressions_built_in("remember"));
    assert_null(suppressions_built_in(NULL));
}

static void star_takes_any_text(void **state)
{
    (void)state;
    assert_true(matches("leak:re*all", "remember_all"));
    assert_true(matches("leak:^re*b*l$", "remember_all"));
    assert_false(matches("leak:re*zap", "remember_all"));
    assert_true(matches("leak:*", "anything"));
    assert_true(matches("leak:^*$", "anything"));
    assert_true(matches("leak:libfoo.so*", "/usr/lib/libfoo.so.1"));
    assert_true(matches("leak:a*a$", "abca"));
    assert_true(matches("leak:ab*ab$", "ab_ab"));
    assert_false(matches("leak:^aba*ba$", "aba"));
    assert_true(matches("leak:a.c", "a.c"));
    assert_false(matches("leak:a.c", "abc"));
}

static void comments_and_blanks_are_no_patterns(void **state)
{
    struct suppressions s = {0};
    (void)state;
    assert_true(suppressions_add(&s, "# leak:comment\n"));
    assert_true(suppressions_add(&s, "  \t\n"));
    assert_true(suppressions_add(&s, "  leak:blank_around \r\n"));
    assert_int_equal(s.count, 1);
    assert_true(suppressions_match(&s, "blank_around"));
    assert_false(suppressions_add(&s, "race:other_tool\n"));
    assert_false(suppressions_add(&s, "leak:\n"));
    assert_int_equal(s.count, 1);
    suppressions_free(&s);
}

static void file_is_read_and_a_missing_one_told(void **state)
{
    struct suppressions s = {0};
    char why[256], path[] = "/tmp/leakwatch-test-suppressions.XXXXXX";
    (void)state;
    int fd = mkstemp(path);
    assert_true(write(fd, "leak:one\n\nleak:two", 18) == 18);
    close(fd);
    assert_int_equal(suppressions_read(&s, path, why, sizeof why), 0);
    assert_int_equal(s.count, 2);
    assert_true(suppressions_match(&s, "two"));
    suppressions_free(&s);
    unlink(path);
    assert_int_equal(suppressions_read(&s, path, why, sizeof why), -1);
    assert_non_null(strstr(why, "No such file"));
    assert_int_equal(suppressions_read(&s, "/tmp", why, sizeof why), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pattern_matches_anywhere_unless_anchored),
        cmocka_unit_test(wrappers_are_whole_functions),
        cmocka_unit_test(what_is_kept_on_purpose_is_known_by_its_own_name),
        cmocka_unit_test(star_takes_any_text),
        cmocka_unit_test(comments_and_blanks_are_no_patterns),
        cmocka_unit_test(file_is_read_and_a_missing_one_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
