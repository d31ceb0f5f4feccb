/* Reporter: the guest's words to people: a report on exit by the tool, or a plain one by hand.
 *
 * Runs the `leakwatch` program in a way the target cannot notice: no SIGCHLD, nothing for its
 * waitpid(-1), no descriptor, no lock, no change of the environment, a bounded wait.
 */
#ifndef LEAKWATCH_PRELOAD_REPORTER_H
#define LEAKWATCH_PRELOAD_REPORTER_H

#include <stdbool.h>

/* At start: remembers what descriptor 2 (and 1) is, and finds the tool. library: path of our own .so. */
void reporter_init(const char *library);

/* Runs `leakwatch report` on the ledger file and waits for it. Returns true if the report was given
 * (the ledger may be removed). False: descriptor 2 is another file now, a seccomp filter is on, the
 * tool is missing (then a plain report was written) or failed: the ledger stays. */
bool reporter_report(const char *ledger_path);

/* The library's own plain report: flagged sites with module+offset. For a ledger in memory (no file),
 * and when the tool cannot be run. Reads the book; bounded. */
void reporter_plain(void);

/* One line, "leakwatch: " in front and a newline behind, on descriptor 2. Parts end with NULL. */
void reporter_say(const char *part, ...) __attribute__((sentinel));

/* Writes value in decimal into buffer (at least 21 bytes) and returns it: for reporter_say. */
const char *reporter_number(char *buffer, unsigned long long value);

#endif
