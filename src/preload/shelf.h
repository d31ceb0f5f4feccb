/* Shelf: where ledger files lie. Names, creates and removes them; descriptors live for a few calls. */
#ifndef LEAKWATCH_PRELOAD_SHELF_H
#define LEAKWATCH_PRELOAD_SHELF_H

#include <stdbool.h>
#include <stdint.h>

/* Who this process is, read from /proc once a process (zeros and "?" where it can't be). */
struct identity {
    int pid;
    uint64_t start_ticks;   /* field 22 of /proc/self/stat */
    uint64_t pid_namespace; /* inode of /proc/self/ns/pid */
    char executable[4096];  /* of /proc/self/exe */
    char program[64];       /* its base name, harmless in a file name */
};
void shelf_identify(struct identity *who);

/* The same in a forked child, from its parent's: the program is what it was. */
void shelf_identify_forked(struct identity *who);

/* Creates this process's file: the pattern of LEAKWATCH_LEDGER, or NAME.PID.START.lw in a private folder
 * (0700, ours). place: 0 for /dev/shm, 1 for $TMPDIR or /tmp, 2 for $XDG_RUNTIME_DIR; a named ledger has
 * place 0 only. Returns an open, empty descriptor that the caller closes, or -1. Never follows a link,
 * never opens what exists; a named file that holds the ledger of a process that is no more is replaced. */
#define SHELF_PLACES 3u
long shelf_create(const struct identity *who, uint64_t started_ns, unsigned place);

/* Path of the file that was created last, or "" if there is none. */
const char *shelf_path(void);

/* Removes that file. */
void shelf_remove(void);
/* In a forked child: the file is the parent's. */
void shelf_forget(void);

/* An earlier image of this very process (same pid and start time) that called exec: its ledger is
 * marked so, and removed if nothing was flagged in it. Looks through the default folder only. */
void shelf_mark_exec(const struct identity *who);

/* Opens the file that LEAKWATCH_OUTPUT, a pattern, means for this process, to append; -1 when it cannot be.
 */
long shelf_open_output(int pid, const char *program, uint64_t started_ns);

#endif
