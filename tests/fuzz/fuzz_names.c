/* Names and numbers of strangers on their way to a terminal: demangling, shortening, making safe.
 *
 * An input is three doubles, then a name.
 */
#include "demangle.h"
#include "format.h"
#include "fuzz.h"
#include "wrappers.h"

static void check_safe(const char *name)
{
    char *text;
    size_t size, columns = 0;
    FILE *out = open_memstream(&text, &size);
    format_text(out, name);
    CHECK(fclose(out) == 0);
    fuzz_check_printable(text, size, false);
    for (size_t i = 0; i < size; i++)
        columns += (text[i] & 0xc0) != 0x80;
    CHECK(format_width(name) == columns);
    free(text);
}

static void check_utf8(const char *name)
{
    char *valid = format_utf8(name), *again = format_utf8(valid);
    size_t size = strlen(valid);
    for (size_t i = 0, length; i < size; i += length)
        CHECK((length = fuzz_utf8((const unsigned char *)valid + i, size - i)) > 0);
    CHECK(strcmp(valid, again) == 0);
    free(valid);
    free(again);
}

static void check_name(const char *name)
{
    char *shorter = format_short_name(name);
    check_safe(name);
    check_safe(shorter);
    check_utf8(name);
    CHECK(strlen(shorter) <= strlen(name) * 3);
    wrappers_has(name, NULL);
    wrappers_has(NULL, name);
    wrappers_is_start(name);
    free(shorter);
}

static void check_figure(struct figure f)
{
    CHECK(memchr(f.text, '\0', sizeof f.text) && *f.text);
}

static void check_numbers(const double *numbers, uint64_t n)
{
    char *text;
    size_t size;
    for (int i = 0; i < 3; i++) {
        check_figure(format_bytes(numbers[i]));
        check_figure(format_rate(numbers[i]));
        check_figure(format_seconds(numbers[i]));
        check_figure(format_about(numbers[i]));
    }
    check_figure(format_count(n));
    FILE *out = open_memstream(&text, &size);
    format_sparkline(out, numbers, 3, (uint32_t)(n % 5));
    CHECK(fclose(out) == 0 && size == 3 * (n % 5 < 3 ? n % 5 : 3));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    double numbers[3] = {input_double(&in), input_double(&in), input_double(&in)};
    check_numbers(numbers, size);
    char *name = input_string(&in, 2000);
    check_name(name);
    char *demangled = demangle(name);
    CHECK(demangled != NULL);
    check_name(demangled);
    free(demangled);
    free(name);
    return 0;
}
