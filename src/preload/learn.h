/* Learning: the frame rule of a program counter, from the unwind tables. The one owner of libunwind.
 *
 * libunwind is asked once for each program counter, about a made-up frame: "the registers hold these
 * recognizable values, and so does memory; now step". What comes back tells which rule it applied.
 * It is loaded with dlopen, locally (see src/README.md), and called by one thread at a time, on a
 * stack of ours, with all signals blocked: it takes mutexes of its own.
 */
#ifndef LEAKWATCH_PRELOAD_LEARN_H
#define LEAKWATCH_PRELOAD_LEARN_H

#include <stdint.h>

/* Loads libunwind and tries it out. Once, outside all hooks. NULL, or why there will be no rules. */
const char *learn_init(void);

/* The rule for pc (rules.h), which is also put into the table. 0: not now (another thread is at it,
 * counted), or never (no libunwind, counted): the walk ends. Keeps errno. */
uint32_t learn(uintptr_t pc);

/* In a forked child: if another thread was learning at that moment, libunwind is never called again
 * here. Known rules stay; whatever is new is opaque, and counted. */
void learn_forked(void);

#endif
