/* Marks: what the program itself tells by leakwatch.h: the phase it is in, scopes that it excludes, names of
 * threads.
 *
 * The functions that a program calls are here as well, exported: leakwatch_mark_phase,
 * leakwatch_mark_excluded, leakwatch_mark_thread. Their contract is in leakwatch.h: any thread, signal
 * handlers, constructors. So nothing here locks, and every change is a few atomic adds to the ledger's head.
 *
 * A phase's sums telescope: who leaves it adds age and live bytes, who enters it subtracts the same, so that
 * changes of many threads at once need no order among them.
 *
 *     enter "load" at 100 ms with 1 MiB live      load: -100 ms  -1 MiB
 *     enter "serve" at 350 ms with 9 MiB          load: +250 ms  +8 MiB       serve: -350 ms  -9 MiB
 *     read at 1000 ms with 9 MiB                                              serve: +650 ms  +0 MiB
 */
#ifndef LEAKWATCH_PRELOAD_MARKS_H
#define LEAKWATCH_PRELOAD_MARKS_H

/* Exit has begun: what the program takes down now is in no phase of its own. */
void marks_exit_begins(void);

/* In a forked child, while the parent's ledger is still mapped, and when its own one is: it goes on in the
 * phase that it was forked in, and its thread under the name it had. */
void marks_fork_begins(void);
void marks_fork_ends(void);

#endif
