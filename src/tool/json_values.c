/* See json_values.h. */
#include "json_values.h"

#include <math.h>
#include <stdlib.h>

#include "format.h"

/* JSON text is UTF-8 and the target's strings are what they are. */
json_t *value_text(const char *string)
{
    char *valid = string ? format_utf8(string) : NULL;
    json_t *value = valid ? json_string(valid) : json_null();
    free(valid);
    return value;
}

json_t *value_text_or_null(const char *string)
{
    return string && *string ? value_text(string) : json_null();
}

/* JSON's integers end at 2^63 - 1 here: what is beyond (forged, or a race's -1) is said as that. */
json_t *value_count(uint64_t n)
{
    return json_integer((json_int_t)(n < INT64_MAX ? n : INT64_MAX));
}

/* Figures that are kept as doubles, but are bytes. */
json_t *value_bytes(double n)
{
    return n < 0 ? json_null() : value_count(n < 9e18 ? (uint64_t)n : INT64_MAX);
}

/* JSON knows no infinity, and a forged ledger can make one. */
json_t *value_real(double n)
{
    return isfinite(n) ? json_real(n) : json_null();
}

json_t *value_count_or_null(uint64_t n)
{
    return n ? value_count(n) : json_null();
}

json_t *value_ms(uint64_t ms)
{
    return value_real((double)ms / 1000);
}

json_t *value_seconds_or_null(double seconds)
{
    return seconds >= 0 ? value_real(seconds) : json_null();
}

/* Of figures that go up and down. */
json_t *value_change(double bytes)
{
    return json_integer(bytes < 9e18 && bytes > -9e18 ? (json_int_t)bytes
                        : bytes > 0                   ? INT64_MAX
                                                      : -INT64_MAX);
}

static void add_window(json_t *list, uint64_t end_ms, const struct window *w)
{
    json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "t_s", value_ms(end_ms), "low",
                                          value_bytes((double)w->low), "high", value_bytes((double)w->high)));
}

/* t_s is where a window ends, in seconds since the start of the process; the last one is still open. */
json_t *value_history(const struct history *h)
{
    json_t *list = json_array();
    for (uint32_t i = 0; h && i < h->count; i++)
        add_window(list, h->start_ms + (i + 1) * h->width_ms, &h->closed[i]);
    if (h && h->last_ms > h->open_ms)
        add_window(list, h->last_ms, &h->open);
    return list;
}
