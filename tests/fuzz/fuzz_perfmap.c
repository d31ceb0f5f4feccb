/* Perf maps of any bytes, looked up at every address that they name, and at one of the input's own.
 *
 * An input is an address of 8 bytes, then the map. A model reads the lines and takes names apart
 * again: it finds within seconds when a length, a digit or a line is miscounted.
 */
#include <ctype.h>

#include "fuzz.h"
#include "perfmap.h"

#define MOST_LOOKUPS 64
#define MOST_NAME    4096

struct line {
    uint64_t start, size;
    const char *name;
    size_t length;
};

static bool read_hex(const char **at, const char *end, uint64_t *value)
{
    const char *s = *at;
    unsigned digits = 0;
    if (end - s > 2 && *s == '0' && (s[1] | 32) == 'x')
        s += 2;
    for (*value = 0; s < end && isxdigit((unsigned char)*s) && digits < 16; s++, digits++)
        *value = *value * 16 + (uint64_t)strtol((char[]){*s, 0}, NULL, 16);
    if (!digits || s == end || *s != ' ')
        return false;
    *at = s + 1;
    return true;
}

static bool read_line(const char *at, const char *end, struct line *line)
{
    if (!read_hex(&at, end, &line->start) || !read_hex(&at, end, &line->size))
        return false;
    line->name = at;
    line->length = (size_t)(end - at);
    for (size_t i = 0; i < line->length; i++)
        if (at[i] == '\r' || at[i] == '\0')
            line->length = i;
    return at < end && line->size && line->start + line->size > line->start;
}

/* The last line that covers the address. */
static bool model(const char *text, size_t size, uint64_t address, struct line *found)
{
    const char *end = text + size;
    bool any = false;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *line_end = newline ? newline : end;
        struct line line;
        if (read_line(text, line_end, &line) && address >= line.start && address - line.start < line.size) {
            *found = line;
            any = true;
        }
        text = line_end + 1;
    }
    return any;
}

/* ---- what a line's name says ---- */

struct said {
    const char *function, *file;
    size_t function_length, file_length;
    uint32_t number;
};

static bool said_by_python(const char *name, size_t length, struct said *said)
{
    const char *colon = length > 4 ? memchr(name + 4, ':', length - 4) : NULL;
    if (!colon || strncmp(name, "py::", 4) != 0 || colon == name + 4)
        return false;
    *said = (struct said){name + 4, colon + 1, (size_t)(colon - name - 4),
                          (size_t)(name + length - colon - 1), 0};
    return true;
}

/* ":" and one to nine digits at the end are taken away. */
static void take_number(const char *text, size_t *length, uint32_t *number)
{
    size_t digits = 0;
    while (digits < *length && isdigit((unsigned char)text[*length - 1 - digits]))
        digits++;
    if (!digits || digits > 9 || digits == *length || text[*length - 1 - digits] != ':')
        return;
    *number = 0;
    for (const char *s = text + *length - digits; s < text + *length; s++)
        *number = *number * 10 + (uint32_t)(*s - '0');
    *length -= digits + 1;
}

static bool said_by_v8(const char *name, size_t length, struct said *said)
{
    size_t kind = 0;
    while (kind < length && kind < 24 && name[kind] != ':')
        kind++;
    if (kind == 24 || kind + 1 >= length || !memchr("~*+^'", name[kind + 1], 5))
        return false;
    const char *start = name + kind + 2, *blank = memchr(start, ' ', length - kind - 2);
    if (!blank)
        return false;
    *said = (struct said){start, blank + 1, (size_t)(blank - start), (size_t)(name + length - blank - 1), 0};
    uint32_t column = 0;
    take_number(said->file, &said->file_length, &column);
    take_number(said->file, &said->file_length, &said->number);
    said->number = said->number ? said->number : column;
    return true;
}

static bool same(const char *text, const char *wanted, size_t length)
{
    return strlen(text) == length && memcmp(text, wanted, length) == 0;
}

static void check_name(const struct jitname *name, const struct line *line)
{
    size_t length = line->length < MOST_NAME ? line->length : MOST_NAME;
    struct said said = {.function = line->name, .function_length = length};
    if (!said_by_python(line->name, length, &said) && said_by_v8(line->name, length, &said) &&
        !said.function_length)
        said.function_length = strlen(said.function = "(anonymous)");
    CHECK(same(name->function, said.function, said.function_length));
    CHECK(name->file ? said.file && same(name->file, said.file, said.file_length) : !said.file_length);
    CHECK(name->line == said.number);
}

static void look_up(const struct perfmap *map, const char *text, size_t size, uint64_t address)
{
    struct jitname name;
    struct line line = {0};
    bool found = model(text, size, address, &line);
    CHECK((perfmap_find(map, address, &name) == 0) == found);
    if (found) {
        check_name(&name, &line);
        jitname_free(&name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    uint64_t address = input_word(&in);
    const char *text = (const char *)in.at, *end = text + in.left;
    struct perfmap *map = perfmap_parse(text, in.left);
    CHECK(map != NULL);
    look_up(map, text, in.left, address);
    unsigned lookups = 0;
    for (const char *at = text; at < end && lookups < MOST_LOOKUPS; lookups++) {
        struct line line;
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (read_line(at, newline ? newline : end, &line)) {
            look_up(map, text, in.left, line.start);
            look_up(map, text, in.left, line.start + line.size);
        }
        at = (newline ? newline : end) + 1;
    }
    perfmap_close(map);
    return 0;
}
