/* Perf maps: names of JIT code, from /tmp/perf-PID.map (node, python -X perf, JVM agents).
 *
 * A map is an append-only text of "START SIZE NAME" lines in hex; code moves and addresses are used
 * again, so the last line that covers an address is the one in force.
 * The file is a stranger's: any size, any content.
 */
#ifndef LEAKWATCH_TOOL_PERFMAP_H
#define LEAKWATCH_TOOL_PERFMAP_H

#include <stddef.h>
#include <stdint.h>

#include "jitname.h"

struct perfmap;

/* Of an open file, from its start (of a very large one the end). NULL: it is empty, or without memory. */
struct perfmap *perfmap_read(int fd);
/* A map from memory. The text is copied. NULL without memory. */
struct perfmap *perfmap_parse(const char *text, size_t size);
void perfmap_close(struct perfmap *map);

/* 0 (jitname_free is due), or -1: no line covers the address. */
int perfmap_find(const struct perfmap *map, uint64_t address, struct jitname *name);

#endif
