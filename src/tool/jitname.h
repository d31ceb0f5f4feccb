/* Names of code that a runtime made while it ran, as perf maps and jitdumps have them: taken apart. */
#ifndef LEAKWATCH_TOOL_JITNAME_H
#define LEAKWATCH_TOOL_JITNAME_H

#include <stddef.h>
#include <stdint.h>

/* Names are cut here: C++ templates reach a few hundred bytes. */
#define JITNAME_MOST 4096

struct jitname {
    char *function; /* never NULL */
    char *file;     /* or NULL: the runtime did not say */
    uint32_t line;  /* or 0 */
};

/* Of the text's first `length` bytes, at most JITNAME_MOST of them. 0, and the strings are allocated
 * (jitname_free); or -1 without memory. */
int jitname_of(struct jitname *name, const char *text, size_t length);
void jitname_free(struct jitname *name);

#endif
