/* Options: the LEAKWATCH_* environment, read once. The one owner of the environment.
 *
 * Read from the process's initial stack (__libc_stack_end), because the first malloc may come before
 * the C library has an environ. Defaults are valid before options_read.
 */
#ifndef LEAKWATCH_PRELOAD_OPTIONS_H
#define LEAKWATCH_PRELOAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum option_children { CHILDREN_FLAGGED, CHILDREN_ALL, CHILDREN_NONE };

struct options {
    const char *output;       /* "stderr", "stdout", "none" or a pattern */
    bool json;
    const char *ledger;       /* pattern, or NULL: the default place */
    uint64_t interval_ms;
    uint64_t sample_bytes;    /* 0 = every allocation */
    uint32_t depth;           /* 1..WALK_MAX */
    uint64_t min_bytes;
    uint64_t warmup_ms;
    uint32_t top;
    bool mmap;
    enum option_children children;
    const char *suppressions; /* file, or NULL */
    int exitcode;
    bool announce;
    int signal;               /* 0 = none */
    const char *tool;         /* or NULL */
    int verbose;
    int root_pid;             /* LEAKWATCH_ROOT, or 0: this is the root */
};
extern struct options options;

/* argv and envp of the process, from its initial stack; NULL-terminated; live as long as it does. */
const char *const *options_argv(void);
const char *const *options_envp(void);

/* Parses. Malformed values and unknown LEAKWATCH_* names keep the default and are remembered. */
void options_read(void);

/* Says what options_read found wrong, one line each on descriptor 2: the variable, its value, what is
 * accepted, the nearest known name. Only in the root process: descendants inherit the same mistakes. */
void options_complain(void);

#endif
