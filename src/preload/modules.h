/* Modules: which loaded object is this address in? And: has one gone?
 *
 * The one owner of _dl_find_object and of the objects' program headers. Lookups go through glibc's lock-free
 * _dl_find_object, never through dl_iterate_phdr: a hook may run while its own thread, or another, holds the
 * loader's lock.
 */
#ifndef LEAKWATCH_PRELOAD_MODULES_H
#define LEAKWATCH_PRELOAD_MODULES_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

/* A loaded object as it lies in memory. */
struct object {
    uintptr_t base;             /* load bias */
    uintptr_t start, end;       /* from its first segment to its last; there may be holes in between */
    const ElfW(Phdr) * headers; /* program headers; NULL where they could not be found */
    uint32_t headers_count;
    const void *eh_frame_hdr; /* of the unwind tables, or NULL */
    const struct link_map *map;
};

/* The object that holds pc. Lock-free. False: none (JIT code, garbage), or glibc is older than 2.35.
 * It stays loaded as long as pc is code on the calling thread's stack. */
bool object_of(uintptr_t pc, struct object *object);

/* A place in code as the ledger keeps it. */
struct place {
    uint32_t module; /* ledger id, 0 = in no object (JIT) or no room: offset is the address */
    uint64_t offset;
};

/* Records the module on first sight. May be called inside malloc: a known module is found without a lock,
 * of those who meet a new one the first records it and the others wait some microseconds, or go on with
 * the plain address (a counted loss). pc must lie in code that is on the calling thread's stack. */
struct place module_place(uintptr_t pc);

/* The present epoch. It moves when a module was seen to go; rules and walks of another epoch are void. */
extern __attribute__((visibility("hidden"))) uint32_t module_epoch;

/* Around the real dlclose. From before to after no check reads a module's memory; before waits (at most
 * a few ms) for one that is at it. After re-checks the known modules (identity: range, path and build-id) and
 * bumps the epoch if one is gone: before anything else can be loaded in its place by the same thread. */
void modules_before_dlclose(void);
void modules_note_dlclose(void);

/* At a tick: the re-check, if a dlclose left it undone because another one was under way, or if a lookup met
 * an object that took the place of a known one unannounced. Bounded (100 ns a module). */
void modules_check(void);

/* In a forked child, with a new and empty book. */
void modules_forked(void);

#endif
