/* Perf maps of any bytes, looked up at every address that they name, and at one of the input's own.
 *
 * An input is an address of 8 bytes, then the map. A model reads the lines from the last to the first.
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

static void check_name(const struct perfmap_name *name, const struct line *line)
{
    size_t length = strlen(name->function);
    CHECK(length <= MOST_NAME && !strchr(name->function, '\n'));
    CHECK(!name->file || (strlen(name->file) <= MOST_NAME && !strchr(name->file, '\n')));
    /* What is said stands in the line; an anonymous function is called so. */
    CHECK(memmem(line->name, line->length, name->function, length) ||
          strcmp(name->function, "(anonymous)") == 0);
    CHECK(!name->file || memmem(line->name, line->length, name->file, strlen(name->file)));
    CHECK(name->file || !name->line || line->length > 3);
}

static void look_up(const struct perfmap *map, const char *text, size_t size, uint64_t address)
{
    struct perfmap_name name;
    struct line line = {0};
    bool found = model(text, size, address, &line);
    CHECK((perfmap_find(map, address, &name) == 0) == found);
    if (found) {
        check_name(&name, &line);
        perfmap_free(&name);
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
