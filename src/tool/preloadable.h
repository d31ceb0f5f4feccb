/* Preloadable: can the library be preloaded into this program at all? */
#ifndef LEAKWATCH_TOOL_PRELOADABLE_H
#define LEAKWATCH_TOOL_PRELOADABLE_H

#include <stdbool.h>
#include <stddef.h>

struct preloadable {
    bool yes;
    bool own_malloc; /* it defines malloc itself: calls of its own code are not seen */
    bool sanitized;  /* a sanitizer owns malloc: the library says so, and stands aside */
};

/* path: the file that will be executed; of a script the interpreter is examined. When it is not
 * preloadable, why gets one line with the reason. */
struct preloadable preloadable(const char *path, char *why, size_t why_size);

#endif
