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
#include <sys/types.h>

struct perfmap;

/* The map of a process, from /tmp or, while it lives, from its own /tmp (containers). NULL: there is none,
 * or it belongs to neither us nor root. */
struct perfmap *perfmap_open(pid_t pid);
/* A map from memory. The text is copied. NULL without memory. */
struct perfmap *perfmap_parse(const char *text, size_t size);
void perfmap_close(struct perfmap *map);

struct perfmap_name {
    char *function; /* never NULL */
    char *file;     /* or NULL: the runtime did not say */
    uint32_t line;  /* or 0 */
};
/* Returns 0 and allocates the strings (perfmap_free), or -1: no line covers the address. */
int perfmap_find(const struct perfmap *map, uint64_t address, struct perfmap_name *name);
void perfmap_free(struct perfmap_name *name);

#endif
