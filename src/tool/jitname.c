/* See jitname.h. What python and V8 write; of others the whole name is the function. */
#include "jitname.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool split_python(const char *name, size_t length, struct jitname *out);
static bool split_v8(const char *name, size_t length, struct jitname *out);

int jitname_of(struct jitname *name, const char *text, size_t length)
{
    *name = (struct jitname){0};
    length = length < JITNAME_MOST ? length : JITNAME_MOST;
    if (!split_python(text, length, name) && !split_v8(text, length, name))
        name->function = strndup(text, length);
    return name->function ? 0 : -1;
}

void jitname_free(struct jitname *name)
{
    free(name->function);
    free(name->file);
}

/* "py::NAME:FILE", as python -X perf writes. */
static bool split_python(const char *name, size_t length, struct jitname *out)
{
    if (length < 5 || memcmp(name, "py::", 4) != 0)
        return false;
    const char *start = name + 4, *end = name + length;
    const char *colon = memchr(start, ':', (size_t)(end - start));
    if (!colon || colon == start)
        return false;
    out->function = strndup(start, (size_t)(colon - start));
    out->file = strndup(colon + 1, (size_t)(end - colon - 1));
    return true;
}

/* The number behind the last colon of [start, *end), cutting it off; 0 when there is none. */
static uint32_t cut_number(const char *start, const char **end)
{
    const char *colon = memrchr(start, ':', (size_t)(*end - start));
    if (!colon || colon + 1 == *end || *end - colon > 10)
        return 0;
    uint32_t number = 0;
    for (const char *s = colon + 1; s < *end; s++) {
        if (!isdigit((unsigned char)*s))
            return 0;
        number = number * 10 + (uint32_t)(*s - '0');
    }
    *end = colon;
    return number;
}

/* "KIND:*NAME FILE:LINE:COLUMN", as V8 writes: KIND is JS, LazyCompile, Function...; one of ~ * + ^
 * tells the compiler. NAME is empty for anonymous functions. */
static bool split_v8(const char *name, size_t length, struct jitname *out)
{
    const char *end = name + length;
    const char *mark = memchr(name, ':', length < 24 ? length : 24);
    if (!mark || mark + 1 >= end || !strchr("~*+^'", mark[1]) || !mark[1])
        return false;
    const char *start = mark + 2;
    const char *blank = memchr(start, ' ', (size_t)(end - start));
    if (!blank)
        return false;
    const char *file_end = end;
    uint32_t column = cut_number(blank + 1, &file_end);
    uint32_t line = cut_number(blank + 1, &file_end);
    out->line = line ? line : column;
    out->function = blank == start ? strdup("(anonymous)") : strndup(start, (size_t)(blank - start));
    out->file = file_end > blank + 1 ? strndup(blank + 1, (size_t)(file_end - blank - 1)) : NULL;
    return true;
}
