/* Suppressions: a file of any bytes, and matching against a slow model.
 *
 * An input is a name, up to a newline, then the file.
 */
#include "fuzz.h"
#include "complain.h"
#include "suppressions.h"

#define MOST_LINES 64
#define MOST_TEXT  96 /* the model takes their product in time */

void complain(const char *format, ...)
{
    (void)format;
}

/* Whether pattern matches text to its end, by the table of all prefixes. '*' is any text; all else is itself.
 */
static bool glob(const char *pattern, size_t length, const char *text)
{
    static bool table[MOST_TEXT + 8][MOST_TEXT + 8];
    size_t size = strlen(text);
    for (size_t p = 0; p <= length; p++)
        for (size_t t = 0; t <= size; t++) {
            if (p == 0)
                table[p][t] = t == 0;
            else if (pattern[p - 1] == '*')
                table[p][t] = table[p - 1][t] || (t > 0 && table[p][t - 1]);
            else
                table[p][t] = t > 0 && pattern[p - 1] == text[t - 1] && table[p - 1][t - 1];
        }
    return table[length][size];
}

static bool model(const char *pattern, const char *text)
{
    char whole[MOST_TEXT + 8];
    bool start = *pattern == '^';
    pattern += start;
    size_t length = strlen(pattern);
    bool end = length && pattern[length - 1] == '$';
    int size = snprintf(whole, sizeof whole, "%s%.*s%s", start ? "" : "*", (int)(length - end), pattern,
                        end ? "" : "*");
    return glob(whole, (size_t)size, text);
}

static bool any_matches(const struct suppressions *s, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < s->count; i++) {
        struct suppressions one = {.patterns = &s->patterns[i], .count = 1};
        bool matches = suppressions_match(&one, name);
        CHECK(*s->patterns[i]);
        if (strlen(s->patterns[i]) <= MOST_TEXT)
            CHECK(matches == model(s->patterns[i], name));
        found |= matches;
    }
    return found;
}

static char *line_of(struct input *in)
{
    const uint8_t *newline = memchr(in->at, '\n', in->left);
    size_t length = newline ? (size_t)(newline - in->at) : in->left;
    char *line = strndup((const char *)in->at, length);
    in->left -= length + (newline != NULL);
    in->at += length + (newline != NULL);
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct suppressions s = {0};
    struct input in = {data, size};
    if (!size)
        return 0;
    char *name = line_of(&in);
    name[strlen(name) < MOST_TEXT ? strlen(name) : MOST_TEXT] = '\0';
    for (unsigned lines = 0; in.left && lines < MOST_LINES; lines++) {
        char *line = line_of(&in);
        size_t before = s.count + s.wrappers_count;
        bool good = suppressions_add(&s, line);
        CHECK(s.count + s.wrappers_count - before <= good);
        free(line);
    }
    CHECK((suppressions_match(&s, name) != NULL) == any_matches(&s, name));
    (void)suppressions_wrap(&s, name);
    CHECK(!suppressions_wrap(&s, NULL));
    CHECK(!suppressions_match(&s, NULL));
    suppressions_free(&s);
    free(name);
    return 0;
}
