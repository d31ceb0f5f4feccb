/* Options: the LEAKWATCH_* environment, read once. The one owner of the environment.
 *
 * Read from the process's initial stack (__libc_stack_end), because the first malloc may come before
 * the C library has an environ. Defaults are valid before options_read.
 * What is read is copied: programs that write their title over argv (setproctitle: redis, postgres,
 * nginx) write over the initial environment as well.
 */
#ifndef LEAKWATCH_PRELOAD_OPTIONS_H
#define LEAKWATCH_PRELOAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum option_children { CHILDREN_FLAGGED, CHILDREN_ALL, CHILDREN_NONE };

#define OPTIONS_DEPTH_MAX 256 /* capture.h's WALK_MAX; whoever includes both asserts that */

struct options {
    const char *output; /* "stderr", "stdout", "none" or a pattern */
    bool json;
    const char *ledger; /* pattern, or NULL: the default place */
    uint64_t interval_ms;
    uint64_t sample_bytes; /* 0 = every allocation */
    uint32_t depth;        /* 1..OPTIONS_DEPTH_MAX */
    uint64_t min_bytes;
    uint64_t warmup_ms;
    uint32_t top;
    bool mmap;
    enum option_children children;
    const char *suppressions; /* file, or NULL */
    int exitcode;             /* 0..255 */
    bool announce;
    int signal;       /* 0 = none */
    const char *tool; /* or NULL */
    int verbose;      /* 0..2 */
    int root_pid;     /* LEAKWATCH_ROOT, or 0: this is the root */
};
extern struct options options;

/* argv and envp of the process, from its initial stack; NULL-terminated, never NULL. The arrays live
 * as long as the process; the strings are the program's to write over. Both are empty in the rare
 * process whose stack was made executable before the C library was up (the loader then forgets where
 * the stack began); environ stands in for envp as soon as there is one. */
const char *const *options_argv(void);
const char *const *options_envp(void);

/* The program's environment as it is now (setenv, clearenv); options_envp when it has none. Another
 * thread may be changing it, as with getenv. */
const char *const *options_environ(void);

/* Parses. Malformed values and unknown LEAKWATCH_* names keep the default and are remembered.
 * A setuid or otherwise AT_SECURE process reads nothing. Once, by one thread. */
void options_read(void);
/* The same from a given environment (options_read; tests). */
void options_parse(const char *const *envp);

/* The LEAKWATCH_* entries ("NAME=value") that were understood, NULL-terminated: the environment of
 * the tool, whatever the program has done to its own since. */
const char *const *options_entries(void);

/* Says what options_read found wrong, one line each on descriptor 2: the variable, its value, what is
 * accepted, the nearest known name. Only in the root process: descendants inherit the same mistakes.
 * At start, while the initial environment is untouched. */
void options_complain(void);

#endif
