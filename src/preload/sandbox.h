/* Sandbox: the filters of system calls that the program has put itself under, and what they leave to us.
 *
 * One call more than the program makes itself may be its last. Two answers:
 * - Once it has said that it will shut itself in (`sandboxed`: prctl(PR_SET_NO_NEW_PRIVS) or a filter went
 * by, in this process or in its parent before fork), only memory, signal masks, its own number, locks,
 * reading, writing and closing are asked for. What that costs is said where it is asked.
 * - Each filter that was seen on its way (prctl, or seccomp by the C library's syscall) is kept, and every
 * call of ours is put to it first. Whatever it would answer otherwise than with "allow" has failed for us,
 * with EPERM, and is not made. A filter from before the program's start, or one that was installed without
 * the C library, is not known.
 *
 * Any thread, any signal context; no locks, no memory.
 */
#ifndef LEAKWATCH_PRELOAD_SANDBOX_H
#define LEAKWATCH_PRELOAD_SANDBOX_H

#include <linux/filter.h>
#include <stdbool.h>

extern __attribute__((visibility("hidden"))) bool sandboxed;       /* never reset */
extern __attribute__((visibility("hidden"))) bool sandbox_filters; /* there is one to ask */

/* After the kernel has taken it, so that the program's memory was read once already. With the memory for all
 * filters used up, nothing is permitted any more. */
void sandbox_keep_filter(const struct sock_fprog *filter);

/* Seccomp's strict mode: read, write, exit and sigreturn. */
void sandbox_keep_strict(void);

/* Would a system call of this number with these six words just be made? */
bool sandbox_permits(long number, const long words[6]);

#endif
