/* Places: where ledgers lie, which of them are ours, and which one is meant.
 *
 * The recorder uses the first of /dev/shm, $TMPDIR or /tmp, $XDG_RUNTIME_DIR where it can make a folder
 * leakwatch-UID; we look in all of them. A folder or file that is not ours alone is not looked at: a
 * ledger decides which files are opened for symbols.
 */
#ifndef LEAKWATCH_TOOL_PLACES_H
#define LEAKWATCH_TOOL_PLACES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ledger.h"

struct place {
    char *path;
    char program[64];
    uint32_t pid, parent_pid, root_pid;
    uint64_t start_ticks, started_ns;
};

struct places {
    struct place *items;
    uint32_t count, room;
};

/* Every readable ledger of this user, oldest process first. Files that are none are skipped. */
struct places places_list(void);
void places_free(struct places *places);

/* The ledger that a user means: a path, a pid, or NULL for the newest (of a process that was preloaded
 * itself, rather than of its children, where there is one). A path to open, to be freed, or NULL with
 * one line in why. */
char *places_find(const char *what, char *why, size_t why_size);

/* The ledger of exactly this process, its last image if it called exec; NULL: none. pattern: what
 * LEAKWATCH_LEDGER says, or NULL for the usual places. free() it. */
char *places_of_process(pid_t pid, uint64_t start_ticks, const char *pattern);

#endif
