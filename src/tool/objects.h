/* Objects: the files that modules were loaded from, opened for their symbols. The owner of libdwfl.
 *
 * Post mortem: a file is found by its path (or in the living process's own root, or among separate debug
 * files) and believed only if it is the one that was loaded: same build-id, or without one not changed
 * since the process began. No name is better than a wrong name. Nothing is fetched from a network.
 */
#ifndef LEAKWATCH_TOOL_OBJECTS_H
#define LEAKWATCH_TOOL_OBJECTS_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"

struct object {
    Dwfl *dwfl;          /* one a module: two modules may have shared an address range in turn */
    Dwfl_Module *module; /* NULL: see why */
    const char *path;    /* as in the ledger; "" when it is not known */
    const char *why;     /* why there are no symbols: "cannot be read", ...; NULL while there are */
    char build_id[41];   /* hex, "" = none */
};

/* Opens what can be opened, if names are wanted; never fails. pid: the living process, or 0. Addresses in the
 * object are the module's offsets. */
void object_open(struct object *o, const struct ledger *l, uint32_t module, uint32_t pid, bool names);
void object_close(struct object *o);

/* The compilation unit that covers the offset, and the bias to subtract for libdw; NULL: none. */
Dwarf_Die *object_unit(const struct object *o, uint64_t offset, Dwarf_Addr *bias);

#endif
