/* Suppressions: growth the user has decided to live with. LeakSanitizer's file format:
 *
 *     # comment
 *     leak:PATTERN      a part of a function, file or module name; * any text, ^ start, $ end
 */
#ifndef LEAKWATCH_TOOL_SUPPRESSIONS_H
#define LEAKWATCH_TOOL_SUPPRESSIONS_H

#include <stdbool.h>
#include <stddef.h>

struct suppressions {
    char **patterns;
    size_t count;
};

/* Reads a file. Lines that are neither blank, comment nor "leak:..." are complained about, each in one
 * line, and ignored. -1 with one line in why: the file cannot be read. */
int suppressions_read(struct suppressions *s, const char *path, char *why, size_t why_size);
/* One line, as in the file. False: it is malformed. */
bool suppressions_add(struct suppressions *s, const char *line);
void suppressions_free(struct suppressions *s);

/* Whether a name is matched by one of them. NULL never is. */
bool suppressions_match(const struct suppressions *s, const char *name);

#endif
