/* See format.h. */
#include "format.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct figure format_bytes(double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    struct figure f;
    unsigned unit = 0;
    /* 1023.95 would be printed as 1024.0: the next unit begins just below. */
    while (fabs(bytes) >= (unit ? 1023.95 : 1023.5) && unit < sizeof units / sizeof *units - 1) {
        bytes /= 1024;
        unit++;
    }
    snprintf(f.text, sizeof f.text, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
    return f;
}

struct figure format_rate(double bytes_per_s)
{
    struct figure f;
    snprintf(f.text, sizeof f.text, "%s%.40s/s", bytes_per_s < 0 ? "" : "+", format_bytes(bytes_per_s).text);
    return f;
}

struct figure format_count(uint64_t n)
{
    struct figure f;
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    char *to = f.text;
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return f;
}

static const struct {
    double from, seconds;
    const char *name;
} spans[] = {{2 * 86400.0, 86400, "days"}, {2 * 3600.0, 3600, "h"}, {120, 60, "min"}, {0, 1, "s"}};

static struct figure format_span(double seconds, int decimals)
{
    struct figure f;
    unsigned i = 0;
    while (seconds < spans[i].from)
        i++;
    double value = seconds / spans[i].seconds;
    snprintf(f.text, sizeof f.text, "%.*f %s", value < 100 ? decimals : 0, value, spans[i].name);
    return f;
}

struct figure format_seconds(double seconds)
{
    return format_span(seconds > 0 ? seconds : 0, 1);
}

struct figure format_about(double seconds)
{
    return format_span(seconds > 0 ? seconds : 0, 0);
}

/* ---- strings of strangers ---- */

/* Decodes one code point of valid UTF-8: its length in bytes, or 0. */
static unsigned decode(const unsigned char *s, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned length = s[0] < 0x80   ? 1
                      : s[0] < 0xc2 ? 0
                      : s[0] < 0xe0 ? 2
                      : s[0] < 0xf0 ? 3
                      : s[0] < 0xf5 ? 4
                                    : 0;
    if (length < 2) {
        *code = s[0];
        return length;
    }
    *code = s[0] & (0xffu >> (length + 1));
    for (unsigned i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) /* also the end of the string */
            return 0;
        *code = *code << 6 | (s[i] & 0x3fu);
    }
    bool surrogate = *code >= 0xd800 && *code < 0xe000;
    return *code < least[length] || surrogate || *code > 0x10ffff ? 0 : length;
}

/* What a terminal would obey, or what would turn the line around before the reader's eyes. */
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
           (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

/* Bytes at s that may be printed as they are; 0: not even the first. */
static unsigned printable(const unsigned char *s)
{
    uint32_t code;
    unsigned length = decode(s, &code);
    return length && !is_control(code) ? length : 0;
}

void format_text(FILE *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s) {
        unsigned length = printable(s);
        if (length)
            fwrite(s, 1, length, out);
        else
            fprintf(out, "\\x%02x", *s);
        s += length ? length : 1;
    }
}

char *format_visible(const char *text)
{
    char *copy = NULL;
    size_t size;
    FILE *out = open_memstream(&copy, &size);
    if (!out)
        return NULL;
    format_text(out, text);
    if (fclose(out) == 0)
        return copy;
    free(copy);
    return NULL;
}

uint32_t format_width(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    uint32_t width = 0;
    while (*s) {
        unsigned length = printable(s);
        width += length ? 1 : 4;
        s += length ? length : 1;
    }
    return width;
}

/* Whether the < or > at s opens or closes template arguments: not those of operators and arrows. */
static bool is_bracket(const char *start, const char *s)
{
    static const char word[] = "operator";
    size_t length = sizeof word - 1;
    while (s > start && (s[-1] == '<' || s[-1] == '>' || s[-1] == '='))
        s--;
    if (s > start && s[-1] == '-')
        return false;
    return (size_t)(s - start) < length || memcmp(s - length, word, length) != 0;
}

/* A name that begins with a bracket is Rust's "<T as Trait>::f": there the first brackets tell most. */
char *format_short_name(const char *function)
{
    char *copy = malloc(strlen(function) * 3 + 1), *to = copy; /* "<>" grows to "<...>" */
    unsigned depth = 0;
    for (const char *s = function; copy && *s; s++) {
        bool bracket =
            s != function && function[0] != '<' && (*s == '<' || *s == '>') && is_bracket(function, s);
        if (bracket && *s == '>' && depth && --depth == 0)
            to = stpcpy(to, "...");
        if (depth == 0)
            *to++ = *s;
        if (bracket && *s == '<')
            depth++;
    }
    if (copy)
        *to = '\0';
    return copy;
}

char *format_utf8(const char *text)
{
    char *copy = malloc(strlen(text) * 3 + 1); /* a broken byte becomes three */
    if (!copy)
        return NULL;
    char *to = copy;
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        uint32_t code;
        unsigned length = decode(s, &code);
        memcpy(to, length ? (const char *)s : "\xef\xbf\xbd", length ? length : 3);
        to += length ? length : 3;
        s += length ? length : 1;
    }
    *to = '\0';
    return copy;
}

/* ---- sparkline ---- */

/* The greatest of the values that fall into column i of width. */
static double column(const double *values, uint32_t count, uint32_t width, uint32_t i)
{
    uint32_t from = i * count / width, to = (i + 1) * count / width;
    double most = 0;
    for (uint32_t v = from; v < to; v++)
        most = values[v] > most ? values[v] : most;
    return most;
}

void format_sparkline(FILE *out, const double *values, uint32_t count, uint32_t width)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (count == 0 || width == 0)
        return;
    double most = column(values, count, 1, 0);
    width = width < count ? width : count;
    for (uint32_t i = 0; i < width; i++) {
        double share = most > 0 ? column(values, count, width, i) / most : 0;
        unsigned bar = share > 0 ? (unsigned)(share * 8) : 0; /* a NaN is no bar */
        fputs(bars[bar < 7 ? bar : 7], out);
    }
}
