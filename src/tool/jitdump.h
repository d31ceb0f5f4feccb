/* Jitdumps: names of JIT code with times, in perf's binary format (jit-PID.dump: node --perf-prof, JVM and
 * .NET agents).
 *
 * Unlike a perf map (perfmap.h) a dump says since when code was at an address: what lies there now need not
 * be what called us then. Format: tools/perf/Documentation/jitdump-specification.txt of the Linux sources.
 * The file is a stranger's: any size, any content.
 */
#ifndef LEAKWATCH_TOOL_JITDUMP_H
#define LEAKWATCH_TOOL_JITDUMP_H

#include <stdint.h>
#include <stdio.h>

#include "jitname.h"

struct jitdump;

/* Reads all records. pid: as the process sees itself; a dump of another one is none. NULL: no dump of this
 * machine's, or without memory. A record that is cut off (the process still writes) ends it. */
struct jitdump *jitdump_read(FILE *file, uint32_t pid);
void jitdump_close(struct jitdump *dump);

/* The piece of code that was at the address at this time of CLOCK_MONOTONIC (a dump whose clock is another
 * one: the last that ever was): 1 and more tells pieces apart, 0: there was none. Where nothing was there
 * yet, the first that came: the time is rounded. */
uint32_t jitdump_find(const struct jitdump *dump, uint64_t address, uint64_t when_ns);
/* Its name: as jitname_of. */
int jitdump_name(const struct jitdump *dump, uint32_t code, struct jitname *name);

#endif
