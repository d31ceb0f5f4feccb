/* Reporter: the guest's words to people: a report on exit by the tool, or a plain one by hand.
 *
 * Runs the `leakwatch` program in a way the target cannot notice (spawn.h): no SIGCHLD, nothing for
 * its waitpid(-1), no descriptor, no lock, no change of the environment, a bounded wait. Never writes
 * to a descriptor that the program has turned into another file since the start.
 */
#ifndef LEAKWATCH_PRELOAD_REPORTER_H
#define LEAKWATCH_PRELOAD_REPORTER_H

#include <stdbool.h>

/* At start, after options_read: remembers what descriptors 1 and 2 are and which seccomp filters were
 * there (a container's), and finds the tool: LEAKWATCH_TOOL, else beside the library, in ../bin or
 * ../../bin of it, else in PATH. library: path of our own .so. Nothing is written. */
void reporter_init(const char *library);

/* When exit begins: keeps a copy of the report's descriptor, because programs close theirs in atexit
 * handlers (coreutils does); released after the report. */
void reporter_hold(void);
void reporter_release(void);

/* Runs `leakwatch report --at-exit` on the ledger file and waits for it (30 s; as PID 1 to the end,
 * because the kernel would kill it with us). True if the report was given (the ledger may be removed).
 * False, and the ledger stays:
 *   nothing is said   LEAKWATCH_OUTPUT=none, or the descriptor of the report is another file now
 *   a plain report    no tool, it could not run or failed, or a seccomp filter came since the start
 *   it still runs     it took longer than the bound; its output still comes */
bool reporter_report(const char *ledger_path);

/* The same for a program that runs on (LEAKWATCH_SIGNAL): starts the tool and does not wait for it, so
 * that it ends as init's child. */
void reporter_ask(const char *ledger_path);

/* The library's own plain report: flagged sites with module+offset. For a ledger in memory (no file), and
 * when the tool cannot be run. It goes where the report would have gone; if that is a file that cannot be
 * written, or one of JSON, to descriptor 2, and for all but the process that was preloaded first nowhere.
 * Reads the book; bounded. Says nothing where reporter_report says nothing. */
void reporter_plain(void);

/* One line, "leakwatch: " in front and a newline behind, on descriptor 2, in one write. Parts end with
 * NULL; control bytes in them are shown as \xNN. Says nothing when descriptor 2 is another file now. */
void reporter_say(const char *part, ...) __attribute__((sentinel));

/* Writes value in decimal into buffer (at least 21 bytes) and returns it: for reporter_say. */
const char *reporter_number(char *buffer, unsigned long long value);

/* The bound of reporter_report in milliseconds; only tests change it. */
extern unsigned reporter_patience_ms;

/* This process has put itself under a seccomp filter since it was started, or may have: what is not needed is
 * not asked of the kernel. Opens a file. */
bool reporter_filtered(void);

#endif
