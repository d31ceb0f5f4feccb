/* Life: the process as a whole. Begins on the very first event, notices that it was forked, earns a
 * file, ends.
 *
 *     new --first event or constructor--> recording --exit--> ended
 *      |                                      |
 *      +-- told not to, or impossible -> off  +-- (in a forked child) --> recording, anew
 */
#ifndef LEAKWATCH_PRELOAD_LIFE_H
#define LEAKWATCH_PRELOAD_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "thread.h"

/* The slow path of every event: a thread's first, the first of the process, a forked child's first, or
 * a look at the clock. Returns the thread's workspace, or NULL: this event is not recorded. */
struct thread *life_event(struct thread *t);

/* This process is a forked child that has not noticed yet: the ledger mapped here is its parent's. */
bool life_is_foreign(void);

/* At a tick: a child old enough moves its ledger to a file. */
void life_tick(uint64_t now_ms);

/* A site was just flagged. */
void life_announce(uint32_t site, uint64_t live_bytes);

/* Exit has begun with this status (LIFE_STATUS_UNKNOWN where nobody said): the last samples are taken
 * and the histories are frozen. Returns the status to exit with (LEAKWATCH_EXITCODE). Only the process
 * that owns the ledger does anything; only the first call does. A call by another thread gives the report. */
#define LIFE_STATUS_UNKNOWN 256
int life_exit_begins(int status);

/* The end: publishes, marks the ledger ended, reports, and removes the ledger if it is not wanted. */
void life_ends(void);

/* Around daemon(3), which forks and ends its parent unseen: the child gives the parent's report. */
void life_hands_over(void);
void life_handed_over(void);

#endif
