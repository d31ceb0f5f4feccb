/* JIT: names of a process's code in no file, from the jitdump or the perf map that its runtime wrote.
 *
 * Looked for where runtimes put them: the dump that the living process has mapped as its marker, jit-PID.dump
 * here, in /tmp and in ~/.debug/jit; perf-PID.map in /tmp; each also as the living process sees these folders
 * (containers). PID is what the process calls itself. Only regular files are read, of this user or root,
 * written since the process began: an earlier process may have had its pid.
 */
#ifndef LEAKWATCH_TOOL_JIT_H
#define LEAKWATCH_TOOL_JIT_H

#include <stdbool.h>
#include <sys/types.h>

#include "jitname.h"
#include "layout.h"

struct jit;

/* pid: of the living process as it is seen from here, or 0. NULL without memory. */
struct jit *jit_open(const struct ledger_header *head, pid_t pid);
void jit_close(struct jit *jit);

/* Which code was at the address when the process was so old? Numbers above 0 tell pieces of code apart; 0:
 * only the address does. */
uint32_t jit_code(const struct jit *jit, uint64_t address, uint64_t age_ms);
/* 0 (jitname_free is due), or -1: it has no name. code: as jit_code said. */
int jit_name(const struct jit *jit, uint64_t address, uint32_t code, struct jitname *name);

#endif
