/* Hide: takes names out of this library's own symbol table, in memory. Whoever is bound from then on gets
 * what it would get without us; whoever was bound before keeps ours.
 *
 * For operator new and delete in a program that has none of its own when it starts. A plugin brings them, by
 * a libstdc++ of its scope or inside itself. Standing in front of these we would have to ask the loader at
 * each call for whom it is, whose lock may be held by the one who waits for us. There is no need to: what
 * these operators allocate comes by malloc.
 */
#ifndef LEAKWATCH_PRELOAD_HIDE_H
#define LEAKWATCH_PRELOAD_HIDE_H

#include <stddef.h>

/* Exported names that begin with these bytes; with its terminating zero counted, this very name. Before the
 * program's code binds names of its own, or by one thread. Without the memory's permission nothing changes.
 */
void hide(const char *start, size_t length);
#define HIDE_NAME(name) hide(name, __builtin_strlen(name) + 1)

#endif
