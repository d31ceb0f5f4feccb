/* Format: numbers as people read them, and strings of strangers made safe for a terminal. */
#ifndef LEAKWATCH_TOOL_FORMAT_H
#define LEAKWATCH_TOOL_FORMAT_H

#include <stdint.h>
#include <stdio.h>

/* Short text by value: format_bytes(n).text may stand in a printf argument list. */
struct figure {
    char text[48];
};

struct figure format_bytes(double bytes);      /* "178.4 MiB", "512 B"; negative numbers keep the sign */
struct figure format_rate(double bytes_per_s); /* "+2.9 MiB/s" */
struct figure format_count(uint64_t n);        /* "1,461,003" */
struct figure format_seconds(double seconds);  /* a measured time: "61.2 s", "12 min", "3.5 h", "2.1 days" */
struct figure format_about(double seconds);    /* an estimate: "9 min", "40 s" */

/* The strings are the target's: names, paths, arguments. Control bytes, escape sequences, broken UTF-8,
 * C1 and bidirectional controls come out as \x1b and the like; everything else as it is. */
void format_text(FILE *out, const char *text);
/* The same as a copy, for forms with quoting of their own. NULL without memory. free() it. */
char *format_visible(const char *text);
/* "std::map<int, app::Item, std::less<int> >::emplace<int>" -> "std::map<...>::emplace<...>". free() it. */
char *format_short_name(const char *function);
/* Columns that format_text takes, for aligning (a code point is held to be one column wide). */
uint32_t format_width(const char *text);
/* A copy in which broken UTF-8 is U+FFFD, for JSON. NULL without memory. free() it. */
char *format_utf8(const char *text);

/* values as ▁▂▃▄▅▆▇█ from 0 to their maximum, in at most width characters. */
void format_sparkline(FILE *out, const double *values, uint32_t count, uint32_t width);

#endif
