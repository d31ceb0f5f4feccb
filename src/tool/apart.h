/* Apart: work on strangers' data, done in a child process that may crash, loop or swell without harm.
 *
 * Symbols are read by libdw from files that a ledger names, and the ledger is written by a process that may
 * be anybody's by now. The child has its own limits of memory and time; the parent only waits and takes
 * bytes.
 */
#ifndef LEAKWATCH_TOOL_APART_H
#define LEAKWATCH_TOOL_APART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum apart_end {
    APART_DONE,      /* bytes and size are the work's; to be freed */
    APART_FAILED,    /* it failed, crashed, or met a limit */
    APART_IMPOSSIBLE /* no child could be made */
};

struct apart {
    int (*work)(void *argument, FILE *out); /* in the child; 0 when all is written to out */
    void *argument;
    unsigned patience_ms;
    bool tells; /* its progress, to a person at a terminal */
};

enum apart_end apart(const struct apart *what, char **bytes, size_t *size);

#endif
