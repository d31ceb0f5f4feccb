/* See suppressions.h. */
#include "suppressions.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "whole.h"

/* What these functions allocate is never given back, and nobody can change that: a registry for as long as
 * the process lives. Only a site that is named after one counts; what a constructor allocates while a library
 * is loaded does not. */
static const struct kept_on_purpose built_in[] = {
    {"_dl_*", "the loader, of the libraries it has loaded"},
    {"__new_exitfn", "functions to be called at exit"},
    {"_nl_*", "locales"},
    {"__gconv_*", "character sets"},
    {"__nss_*", "name services"},
    {"__tz*", "time zones"},
    {"tzset_*", "time zones"},
    {"g_quark_*", "GLib's quarks"},
    {"g_intern_*", "GLib's interned strings"},
    {"g_type_register_*", "GLib's types"},
};

static char *trimmed(const char *line);
static bool match(const char *pattern, const char *text);

/* Thousands of lines; what is larger is another file, named by mistake. */
#define MOST_BYTES ((size_t)4 << 20)
/* Lines that are complained about one by one. */
#define MOST_COMPLAINTS 5

int suppressions_read(struct suppressions *s, const char *path, char *why, size_t why_size)
{
    size_t size = 0;
    char *text = whole_read(path, MOST_BYTES, &size);
    unsigned ignored = 0, number = 1;
    if (!text) {
        snprintf(why, why_size, "suppressions %s: %s", path, strerror(errno));
        return -1;
    }
    for (char *line = text, *end; line < text + size; line = end + 1, number++) {
        end = memchr(line, '\n', (size_t)(text + size - line));
        end = end ? end : text + size;
        *end = '\0';
        if (!suppressions_add(s, line) && ++ignored <= MOST_COMPLAINTS)
            complain("%s:%u: ignored: expected leak:PATTERN, wrapper:PATTERN or a comment", path, number);
    }
    if (ignored > MOST_COMPLAINTS)
        complain("%s: %u more lines ignored", path, ignored - MOST_COMPLAINTS);
    free(text);
    return 0;
}

static void append(char ***list, size_t *count, const char *text)
{
    char *copy = strdup(text), **longer = copy ? realloc(*list, (*count + 1) * sizeof *longer) : NULL;
    if (!longer) {
        free(copy);
        return;
    }
    longer[(*count)++] = copy;
    *list = longer;
}

/* What comes after the word at the beginning, or NULL: another word, or nothing after it. */
static const char *after(const char *text, const char *word)
{
    size_t length = strlen(word);
    return strncmp(text, word, length) == 0 && text[length] ? text + length : NULL;
}

bool suppressions_add(struct suppressions *s, const char *line)
{
    char *text = trimmed(line);
    bool blank = !text || !text[0] || text[0] == '#';
    const char *leak = blank ? NULL : after(text, "leak:"), *wrapper = blank ? NULL : after(text, "wrapper:");
    if (leak)
        append(&s->patterns, &s->count, leak);
    if (wrapper)
        append(&s->wrappers, &s->wrappers_count, wrapper);
    free(text);
    return blank || leak || wrapper;
}

void suppressions_free(struct suppressions *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->patterns[i]);
    free(s->patterns);
    for (size_t i = 0; i < s->wrappers_count; i++)
        free(s->wrappers[i]);
    free(s->wrappers);
    *s = (struct suppressions){0};
}

const char *suppressions_match(const struct suppressions *s, const char *name)
{
    for (size_t i = 0; name && i < s->count; i++)
        if (match(s->patterns[i], name))
            return s->patterns[i];
    return NULL;
}

bool suppressions_wrap(const struct suppressions *s, const char *function)
{
    for (size_t i = 0; function && i < s->wrappers_count; i++)
        if (fnmatch(s->wrappers[i], function, 0) == 0)
            return true;
    return false;
}

const struct kept_on_purpose *suppressions_built_in(const char *function)
{
    for (size_t i = 0; function && i < sizeof built_in / sizeof *built_in; i++)
        if (fnmatch(built_in[i].functions, function, 0) == 0)
            return &built_in[i];
    return NULL;
}

static char *trimmed(const char *line)
{
    while (isspace((unsigned char)*line))
        line++;
    size_t length = strlen(line);
    while (length && isspace((unsigned char)line[length - 1]))
        length--;
    return strndup(line, length);
}

/* Where the piece [piece, piece+length) first stands in text; with at_end, where it stands last. */
static const char *find_piece(const char *text, const char *piece, size_t length, bool at_end)
{
    size_t have = strlen(text);
    if (at_end)
        return have >= length && memcmp(text + have - length, piece, length) == 0 ? text + have - length
                                                                                  : NULL;
    return memmem(text, have, piece, length);
}

/* A pattern is pieces between stars, found one after another, leftmost first, which is right because
 * a star takes any text. Without ^ the first piece may stand anywhere, without $ the last one too. */
static bool match(const char *pattern, const char *text)
{
    bool anchored = *pattern == '^';
    pattern += anchored;
    while (*pattern) {
        size_t length = strcspn(pattern, "*");
        bool last = pattern[length] == '\0';
        bool at_end = last && length && pattern[length - 1] == '$';
        const char *found = find_piece(text, pattern, length - at_end, at_end);
        if (!found || (anchored && found != text))
            return false;
        text = found + length - at_end;
        anchored = false;
        pattern += length + !last;
    }
    return true;
}
