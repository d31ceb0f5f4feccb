/* See perfmap.h. */
#include "perfmap.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "regular.h"

/* A node server writes some 100,000 lines (10 MiB). Of a larger map the end counts: it is the newest. */
#define MOST_BYTES ((size_t)64 << 20)
/* Names are cut here: C++ templates reach a few hundred. */
#define MOST_NAME 4096

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
static int open_owned(const char *path);
static struct perfmap *read_map(int fd);

struct perfmap *perfmap_open(pid_t pid)
{
    char paths[2][96];
    snprintf(paths[0], sizeof paths[0], "/tmp/perf-%d.map", pid);
    snprintf(paths[1], sizeof paths[1], "/proc/%d/root/tmp/perf-%d.map", pid, pid);
    for (int i = 0; i < 2; i++) {
        int fd = open_owned(paths[i]);
        if (fd < 0)
            continue;
        struct perfmap *map = read_map(fd);
        close(fd);
        return map;
    }
    return NULL;
}

/* /tmp is everybody's: only a regular file that we or root wrote is believed, as perf does. */
static int open_owned(const char *path)
{
    struct stat st;
    int fd = regular_open(path, false, &st);
    if (fd < 0)
        return -1;
    if (st.st_uid == geteuid() || st.st_uid == 0)
        return fd;
    close(fd);
    return -1;
}

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

static struct perfmap *read_map(int fd)
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

/* "py::NAME:FILE", as python -X perf writes. */
static bool split_python(const char *name, size_t length, struct perfmap_name *out)
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
static bool split_v8(const char *name, size_t length, struct perfmap_name *out)
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

int perfmap_find(const struct perfmap *map, uint64_t address, struct perfmap_name *name)
{
    *name = (struct perfmap_name){0};
    for (size_t i = map ? map->count : 0; i-- > 0;) {
        const struct entry *e = &map->entries[i];
        if (address < e->start || address >= e->end)
            continue;
        const char *text = map->text + e->name;
        size_t length = strcspn(text, "\r\n");
        length = length < MOST_NAME ? length : MOST_NAME;
        if (!split_python(text, length, name) && !split_v8(text, length, name))
            name->function = strndup(text, length);
        return name->function ? 0 : -1;
    }
    return -1;
}

void perfmap_free(struct perfmap_name *name)
{
    free(name->function);
    free(name->file);
}
