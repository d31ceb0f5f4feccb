/* Scopes: the functions around an address, those that were inlined included.
 *
 * Instead of dwarf_getscopes, which (elfutils 0.188) does not look into namespaces, where clang and rustc
 * put functions.
 */
#ifndef LEAKWATCH_TOOL_SCOPES_H
#define LEAKWATCH_TOOL_SCOPES_H

#include <elfutils/libdw.h>

/* Inlining deeper than this is a forged file. */
#define SCOPES_MOST 64

/* Entries of inlined calls around pc, innermost first, and of the function they are in. Returns how many. */
int scopes_of(Dwarf_Die *unit, Dwarf_Addr pc, Dwarf_Die scopes[SCOPES_MOST]);

#endif
