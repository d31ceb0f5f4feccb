/* Symbols: which functions, files and lines stand behind a frame of the ledger?
 *
 * Only what is asked for is looked up, and each place once. Everything returned lives until
 * symbols_close. Strings are the target's: print them through format_text.
 */
#ifndef LEAKWATCH_TOOL_SYMBOLS_H
#define LEAKWATCH_TOOL_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* uthash can do without memory only by ending: in one line, and not with its own exit(-1). */
#define uthash_fatal(message) (fputs("leakwatch: out of memory\n", stderr), exit(1))
#include <uthash.h>

#include "ledger.h"

struct symbol {
    char *function;         /* demangled, or NULL */
    char *file;             /* absolute where that is known, or NULL */
    const char *short_file; /* the same without the folder of compilation; part of file */
    uint32_t line;          /* 0 = not known */
    bool inlined;           /* into the next symbol of its spot */
};

/* A place in code. Several functions may be there at once: the innermost inlined one first, the real
 * function last; never none. */
struct spot {
    struct {
        uint64_t offset;
        uint64_t module;
        uint64_t code; /* which code it was, where an address has had several (jit.h); else 0 */
    } key;
    struct symbol *symbols;
    uint32_t count;
    const char *module;   /* path, or "" */
    const char *name;     /* what people call it: its base name; of the program itself, argv[0]'s */
    const char *build_id; /* hex, or "" */
    UT_hash_handle hh;
};

struct symbols;

/* alive: the process may be asked for what its files do not tell. names: false opens no file at all. NULL
 * without memory. */
struct symbols *symbols_open(const struct ledger *l, bool alive, bool names);
void symbols_close(struct symbols *s);

/* NULL only without memory. age_ms: of the process when this frame called; code in no file may have moved
 * since. */
const struct spot *symbols_at(struct symbols *s, const struct frame *frame, uint64_t age_ms);

/* A module that has been asked for and could not name what was in it; NULL: no more. Start with *id 0. */
struct unnamed {
    const char *path, *build_id;
    const char *why; /* "cannot be read", "has no symbols" ... */
};
bool symbols_unnamed(const struct symbols *s, uint32_t *id, struct unnamed *out);

#endif
