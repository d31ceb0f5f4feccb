/* Head: what a ledger says of its process. Once, when the ledger begins; and what its end asks for. */
#ifndef LEAKWATCH_PRELOAD_HEAD_H
#define LEAKWATCH_PRELOAD_HEAD_H

#include <stdint.h>

#include "shelf.h"

struct family {
    int parent, root; /* pids; root: the process that was preloaded first */
    uint32_t uid;     /* effective */
};

/* Fills the header of the open book. started_ns: wall clock; boot_ns: CLOCK_MONOTONIC. */
void head_fill(const struct identity *who, const struct family *family, uint64_t started_ns,
               uint64_t boot_ns);

/* Resident set of this process, or 0: not to be known. */
uint64_t head_resident_bytes(void);

#endif
