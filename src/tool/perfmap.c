/* See perfmap.h. */
#include "perfmap.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A node server writes some 100,000 lines (10 MiB). Of a larger map the end counts: it is the newest. */
#define MOST_BYTES ((size_t)64 << 20)

struct entry {
    uint64_t start, end;
    size_t name; /* offset in text */
};

struct perfmap {
    char *text; /* names end at a newline, or at the final NUL */
    struct entry *entries;
    size_t count, room;
};

static void parse_lines(struct perfmap *map, size_t size);
static bool parse_line(const char *line, const char *end, struct entry *entry, const char *text);
static bool add(struct perfmap *map, struct entry entry);

static size_t read_all(int fd, char *to, size_t size)
{
    size_t have = 0;
    while (have < size) {
        ssize_t got = read(fd, to + have, size - have);
        if (got <= 0)
            break;
        have += (size_t)got;
    }
    return have;
}

struct perfmap *perfmap_read(int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size <= 0)
        return NULL;
    size_t size = (size_t)st.st_size;
    if (size > MOST_BYTES) {
        lseek(fd, (off_t)(size - MOST_BYTES), SEEK_SET);
        size = MOST_BYTES;
    }
    char *text = malloc(size + 1);
    if (!text)
        return NULL;
    size = read_all(fd, text, size);
    struct perfmap *map = perfmap_parse(text, size);
    free(text);
    return map;
}

struct perfmap *perfmap_parse(const char *text, size_t size)
{
    struct perfmap *map = calloc(1, sizeof *map);
    if (!map)
        return NULL;
    map->text = malloc(size + 1);
    if (!map->text) {
        free(map);
        return NULL;
    }
    memcpy(map->text, text, size);
    map->text[size] = '\0';
    parse_lines(map, size);
    return map;
}

void perfmap_close(struct perfmap *map)
{
    if (!map)
        return;
    free(map->entries);
    free(map->text);
    free(map);
}

static void parse_lines(struct perfmap *map, size_t size)
{
    const char *line = map->text, *end = map->text + size;
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *line_end = newline ? newline : end;
        struct entry entry;
        if (parse_line(line, line_end, &entry, map->text) && !add(map, entry))
            return; /* no memory: the rest stays without names */
        line = line_end + 1;
    }
}

/* A hex number of at most 16 digits inside [*at, end), and the blank behind it. */
static bool parse_hex(const char **at, const char *end, uint64_t *value)
{
    const char *s = *at;
    if (end - s > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
        s += 2;
    const char *digits = s;
    for (*value = 0; s < end && s - digits < 16 && isxdigit((unsigned char)*s); s++)
        *value = *value << 4 | (uint64_t)(isdigit((unsigned char)*s) ? *s - '0' : (*s | 32) - 'a' + 10);
    if (s == digits || s == end || *s != ' ')
        return false;
    *at = s + 1;
    return true;
}

static bool parse_line(const char *line, const char *end, struct entry *entry, const char *text)
{
    uint64_t size;
    if (!parse_hex(&line, end, &entry->start) || !parse_hex(&line, end, &size))
        return false;
    if (size == 0 || entry->start > UINT64_MAX - size || line == end)
        return false;
    entry->end = entry->start + size;
    entry->name = (size_t)(line - text);
    return true;
}

static bool add(struct perfmap *map, struct entry entry)
{
    if (map->count == map->room) {
        size_t room = map->room ? map->room * 2 : 1024;
        struct entry *entries = realloc(map->entries, room * sizeof *entries);
        if (!entries)
            return false;
        map->entries = entries;
        map->room = room;
    }
    map->entries[map->count++] = entry;
    return true;
}

/* ---- lookup ---- */

int perfmap_find(const struct perfmap *map, uint64_t address, struct jitname *name)
{
    for (size_t i = map ? map->count : 0; i-- > 0;) {
        const struct entry *e = &map->entries[i];
        if (address >= e->start && address < e->end)
            return jitname_of(name, map->text + e->name, strcspn(map->text + e->name, "\r\n"));
    }
    return -1;
}
