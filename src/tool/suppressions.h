/* Suppressions: what the user knows already. LeakSanitizer's file format, and a line of our own:
 *
 *     # comment
 *     leak:PATTERN      growth to live with: a part of a function, file or module name; * any text, ^ start,
 * $ end wrapper:PATTERN   functions that only allocate for others: sites are named after their callers
 */
#ifndef LEAKWATCH_TOOL_SUPPRESSIONS_H
#define LEAKWATCH_TOOL_SUPPRESSIONS_H

#include <stdbool.h>
#include <stddef.h>

struct suppressions {
    char **patterns;
    size_t count;
    char **wrappers;
    size_t wrappers_count;
};

/* Reads a file. Lines that are none of these, nor blank, are complained about, each in one line, and ignored.
 * -1 with one line in why: the file cannot be read. */
int suppressions_read(struct suppressions *s, const char *path, char *why, size_t why_size);
/* One line, as in the file. False: it is malformed. */
bool suppressions_add(struct suppressions *s, const char *line);
void suppressions_free(struct suppressions *s);

/* The pattern that matches a name, or NULL: none. NULL never is matched. */
const char *suppressions_match(const struct suppressions *s, const char *name);

/* Whether it is one of the user's wrappers. */
bool suppressions_wrap(const struct suppressions *s, const char *function);

/* Growth that everybody lives with: what the C library and common runtimes keep on purpose. */
struct kept_on_purpose {
    const char *functions; /* fnmatch(3), of the function that names the site */
    const char *what;
};
/* NULL: it is not known to be. */
const struct kept_on_purpose *suppressions_built_in(const char *function);

#endif
