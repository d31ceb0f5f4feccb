/* Sandbox: has the process put itself under a filter of system calls, where one more call may be its last?
 *
 * prctl(PR_SET_NO_NEW_PRIVS) or prctl(PR_SET_SECCOMP) went by, in this process or in its parent before fork;
 * a filter that was there at the start does not count. From then on only calls are made that every program
 * makes: memory, signal masks, reading, writing, closing. What that costs is said where it is asked.
 */
#ifndef LEAKWATCH_PRELOAD_SANDBOX_H
#define LEAKWATCH_PRELOAD_SANDBOX_H

#include <stdbool.h>

extern __attribute__((visibility("hidden"))) bool sandboxed; /* never reset */

#endif
