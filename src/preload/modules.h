/* Modules: which loaded object is this address in? And: has one gone?
 *
 * Lookups go through glibc's lock-free _dl_find_object, never through dl_iterate_phdr: a hook may run
 * while its own thread, or another, holds the loader's lock.
 */
#ifndef LEAKWATCH_PRELOAD_MODULES_H
#define LEAKWATCH_PRELOAD_MODULES_H

#include <stdbool.h>
#include <stdint.h>

/* A place in code as the ledger keeps it. */
struct place {
    uint32_t module;  /* ledger id, 0 = in no object (JIT) or no room: offset is the address */
    uint64_t offset;
};

/* Records the module on first sight. Lock-free; may be called inside malloc. */
struct place module_place(uintptr_t pc);

/* The present epoch. It moves when a module was seen to go; rules and walks of another epoch are void. */
extern uint32_t module_epoch;

/* dlclose was called: the next modules_check looks. */
void modules_note_dlclose(void);

/* At a tick: after a dlclose, re-checks the known modules (identity: range, path and build-id) and
 * bumps the epoch if one is gone. Bounded; does nothing when no dlclose was noted. */
void modules_check(void);

/* In a forked child, with a new and empty book. */
void modules_forked(void);

#endif
