/* Numbers for people, and strings of strangers on a terminal. */
#include "format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void numbers_read_as_people_write_them(void **state)
{
    (void)state;
    assert_string_equal(format_bytes(0).text, "0 B");
    assert_string_equal(format_bytes(1023).text, "1023 B");
    assert_string_equal(format_bytes(1024).text, "1.0 KiB");
    assert_string_equal(format_bytes(1048575).text, "1.0 MiB"); /* never "1024.0 KiB" */
    assert_string_equal(format_bytes(178.4 * 1048576).text, "178.4 MiB");
    assert_string_equal(format_bytes(-2.0 * (1 << 30)).text, "-2.0 GiB");
    assert_string_equal(format_rate(2.9 * 1048576).text, "+2.9 MiB/s");
    assert_string_equal(format_count(0).text, "0");
    assert_string_equal(format_count(999).text, "999");
    assert_string_equal(format_count(1461003).text, "1,461,003");
    assert_string_equal(format_count(UINT64_MAX).text, "18,446,744,073,709,551,615");
    assert_string_equal(format_seconds(61.23).text, "61.2 s");
    assert_string_equal(format_seconds(3600).text, "60.0 min");
    assert_string_equal(format_seconds(-1).text, "0.0 s");
    assert_string_equal(format_about(540).text, "9 min");
    assert_string_equal(format_about(86400 * 3).text, "3 days");
    assert_true(strlen(format_bytes(1e300).text) < sizeof(struct figure));
}

static const char *shown(const char *text)
{
    static char buffer[512];
    FILE *out = fmemopen(buffer, sizeof buffer, "w");
    format_text(out, text);
    fclose(out);
    return buffer;
}

static void no_string_reaches_the_terminal_as_a_command(void **state)
{
    (void)state;
    assert_string_equal(shown("plain text, /usr/bin/x"), "plain text, /usr/bin/x");
    assert_string_equal(shown("\033[31mred\033]0;title\007"), "\\x1b[31mred\\x1b]0;title\\x07");
    assert_string_equal(shown("two\nlines\r"), "two\\x0alines\\x0d");
    assert_string_equal(shown("\x7f"), "\\x7f");
    assert_string_equal(shown("\xc2\x9b"
                              "31m"),
                        "\\xc2\\x9b31m"); /* C1: one-byte CSI */
    assert_string_equal(shown("a\xe2\x80\xae"
                              "b"),
                        "a\\xe2\\x80\\xaeb"); /* right-to-left override */
    assert_string_equal(shown("na\xc3\xafve \xe2\x82\xac"), "na\xc3\xafve \xe2\x82\xac");
}

static void broken_utf8_is_made_visible(void **state)
{
    (void)state;
    assert_string_equal(shown("\xff\xfe"), "\\xff\\xfe");
    assert_string_equal(shown("\xc0\xaf"), "\\xc0\\xaf");          /* overlong */
    assert_string_equal(shown("\xed\xa0\x80"), "\\xed\\xa0\\x80"); /* surrogate */
    assert_string_equal(shown("\xe2\x82"), "\\xe2\\x82");          /* cut */
    assert_string_equal(shown("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

static void json_strings_are_valid_utf8(void **state)
{
    (void)state;
    char *text = format_utf8("a\xff"
                             "b\xc3\xaf");
    assert_string_equal(text, "a\xef\xbf\xbd"
                              "b\xc3\xaf");
    free(text);
}

static void width_is_what_is_printed(void **state)
{
    (void)state;
    assert_int_equal(format_width("abc"), 3);
    assert_int_equal(format_width("na\xc3\xafve"), 5);
    assert_int_equal(format_width("\033["), 5);
}

static void assert_short(const char *function, const char *expected)
{
    char *name = format_short_name(function);
    assert_string_equal(name, expected);
    free(name);
}

static void long_names_lose_their_template_arguments(void **state)
{
    (void)state;
    assert_short("std::map<int, app::Item, std::less<int> >::emplace<int>", "std::map<...>::emplace<...>");
    assert_short("plain", "plain");
    assert_short("ns::operator<< <char>", "ns::operator<< <...>");
    assert_short("T<int>::operator->", "T<...>::operator->");
    assert_short("f<>", "f<...>");
    assert_short("broken<<", "broken<");
    assert_short("broken>>", "broken>>");
    assert_short("<T as Trait>::f", "<T as Trait>::f");
}

static const char *curve(const double *values, uint32_t count, uint32_t width)
{
    static char buffer[512];
    FILE *out = fmemopen(buffer, sizeof buffer, "w");
    format_sparkline(out, values, count, width);
    fputc('\0', out);
    fclose(out);
    return buffer;
}

static void sparkline_shows_the_shape(void **state)
{
    static const double rising[] = {0, 1, 2, 3, 4, 5, 6, 7, 8}, flat[] = {5, 5, 5}, none[] = {0, 0};
    static const double odd[] = {__builtin_nan(""), 1, -5, __builtin_inf()};
    (void)state;
    assert_string_equal(curve(rising, 9, 16), "▁▂▃▄▅▆▇██");
    assert_string_equal(curve(rising, 9, 3), "▃▆█");
    assert_string_equal(curve(flat, 3, 16), "███");
    assert_string_equal(curve(none, 2, 16), "▁▁");
    assert_string_equal(curve(flat, 0, 16), "");
    curve(odd, 4, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_as_people_write_them),
        cmocka_unit_test(no_string_reaches_the_terminal_as_a_command),
        cmocka_unit_test(broken_utf8_is_made_visible),
        cmocka_unit_test(json_strings_are_valid_utf8),
        cmocka_unit_test(width_is_what_is_printed),
        cmocka_unit_test(long_names_lose_their_template_arguments),
        cmocka_unit_test(sparkline_shows_the_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
