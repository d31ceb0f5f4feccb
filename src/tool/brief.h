/* Brief: what one line says of a ledger that is not the one asked for: of a list, or of a child.
 *
 * Judged apart (apart.h), since the ledger may be cut or forged while it is read: that costs its own figures,
 * not the other lines.
 */
#ifndef LEAKWATCH_TOOL_BRIEF_H
#define LEAKWATCH_TOOL_BRIEF_H

#include <stdbool.h>
#include <stdint.h>

struct brief {
    bool judged;      /* false: the rest is 0 */
    uint32_t growing; /* sites, and runtimes (runtimes.h) of a process older than 10 s */
    uint64_t live_bytes;
};

/* The largest ledger there can be takes a second or two. */
#define BRIEF_PATIENCE_MS 5000

struct brief brief_of(const char *path, unsigned patience_ms);

#endif
