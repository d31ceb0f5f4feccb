/* Reading a ledger. Treats every offset, count and string in the file as hostile.
 *
 * A struct ledger is a read-only mapping of the file. Items are reached only through the
 * functions below, which return NULL, or an empty string, for anything that does not lie wholly
 * inside the file; values that move while they are read (a live recorder) are read with atomics.
 * No function here writes to the file, allocates, or prints. The recorder does not use this file: it
 * writes through src/preload/book.h with addresses of its own.
 */
#ifndef LEAKWATCH_LEDGER_LEDGER_H
#define LEAKWATCH_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

struct ledger {
    const unsigned char *bytes; /* the mapping; a file cut while it is read is a SIGBUS that main.c turns
                                 * into one line */
    uint64_t size;              /* bytes of the file when it was opened */
    struct ledger_header head;  /* a checked copy of the fixed part, taken at open */
    uint64_t used[AREAS];       /* items of each area that are inside area and file */
    const char *text;           /* used[AREA_TEXT] bytes: of an opened file a copy that nobody can change */
    bool text_is_copy;
};

/* Opens and checks. 0, or -1 with one line (no newline) in why: what is wrong and with what. */
int ledger_open(struct ledger *l, const char *path, char *why, size_t why_size);
/* Only the head, and without a mapping: nothing that happens to the file meanwhile is a signal. */
int ledger_peek(struct ledger_header *head, const char *path, char *why, size_t why_size);
/* The same as ledger_open over bytes in memory (tests, fuzzing). The bytes must outlive the ledger. */
int ledger_view(struct ledger *l, const void *bytes, uint64_t size, char *why, size_t why_size);
void ledger_close(struct ledger *l);

/* The head as it is now: a live process moves it. */
struct ledger_header ledger_head(const struct ledger *l);

const struct module *ledger_module(const struct ledger *l, uint32_t id);
const struct site *ledger_site(const struct ledger *l, uint32_t id);
/* A consistent copy of a history (read under its sequence; of a dead process that was inside it, the
 * copy is marked by an odd sequence and its windows are checked for order). False: no such id, or it
 * does not belong to the site that points here. */
bool ledger_history(const struct ledger *l, uint32_t id, uint32_t site, struct history *copy);
/* NUL-terminated inside the file, or "". */
const char *ledger_text(const struct ledger *l, uint32_t offset);

struct frame {
    uint32_t module; /* 0 = none: offset is an address */
    uint64_t offset; /* where to look the symbol up */
    bool repeats, cut, exact;
};
/* The stack of a node, youngest first; at most room frames; returns how many. Cycles in a forged
 * file end at room. */
uint32_t ledger_stack(const struct ledger *l, uint32_t node, struct frame *frames, uint32_t room);

struct sums {
    uint64_t allocations, frees, allocated_bytes, freed_bytes, requested_bytes;
    uint64_t live_blocks, live_bytes; /* clamped at 0 */
    uint32_t in_flight;               /* counters whose delta was being published */
};
/* account + every block's counter, frees before allocations. */
struct sums ledger_sums(const struct ledger *l, uint32_t site);
/* The same for all sites at once: sums[0 .. used[AREA_SITES]-1]; one pass over the blocks. */
void ledger_all_sums(const struct ledger *l, struct sums *sums);

#endif
