/* Wrappers: frames that are only on the way to the allocator and must not give a site its name. */
#ifndef LEAKWATCH_TOOL_WRAPPERS_H
#define LEAKWATCH_TOOL_WRAPPERS_H

#include <stdbool.h>

/* Whether a frame of this (demangled) function in this module (path) is one. Either may be NULL. */
bool wrappers_has(const char *function, const char *module);

/* Whether it is what the C library does before main or a thread's first function: below the root of what the
 * program's author wrote. */
bool wrappers_is_start(const char *function);

#endif
