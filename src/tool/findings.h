/* Findings: what the user is told about the sites of one ledger.
 *
 * Sums and judges every site, keeps those that matter, puts the worst first. Knows no symbols: names come
 * later, for the few that are shown.
 */
#ifndef LEAKWATCH_TOOL_FINDINGS_H
#define LEAKWATCH_TOOL_FINDINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"
#include "process.h"
#include "verdict.h"

struct kept_on_purpose;

struct finding {
    uint32_t site;
    uint32_t node;
    enum site_kind kind;
    struct sums sums;
    enum verdict verdict; /* the judge's, unless the site is too small to be held against anyone */
    struct judgement judgement;
    struct history *history; /* caught up to the end; NULL: it never earned one */
    double live_bytes;       /* what counts: at the end, or before a drain that was shutdown */
    double from_bytes;       /* the lowest of its first window */
    double peak_bytes;
    double at_peak_bytes;      /* when the process's total was at its maximum */
    bool freed_at_end;         /* most of live_bytes was given back when the program took itself apart */
    bool small;                /* never reached the threshold: kept for short runs only */
    bool suppressed;           /* growing, but the user knows, or it is kept on purpose */
    const char *suppressed_by; /* the user's pattern, or NULL */
    const struct kept_on_purpose *kept_on_purpose; /* or NULL */
    uint8_t runtime;   /* 1 + index of the runtime that owns it (runtimes.h), 0 = none */
    uint32_t holds;    /* the site whose blocks this one's array or table holds (containers.h), 0 = none */
    bool known;        /* suppressed, by a baseline */
    double known_rate; /* bytes per s of its place there; where several share a place, 0 but at the first */
};

struct totals {
    uint64_t sites; /* that ever allocated */
    uint64_t allocations, frees, allocated_bytes, freed_bytes;
    uint64_t live_bytes, heap_bytes, mmap_bytes, live_blocks;
    uint64_t excluded_allocations, excluded_live_blocks,
        excluded_live_bytes; /* by the program; in the sums above */
    uint64_t in_flight;      /* deltas that a killed thread was publishing: in no sum */
};

struct findings {
    struct finding *items; /* growing by growth, then the rest by live bytes */
    uint32_t count;
    uint32_t growing;   /* without the suppressed; these come first, then suppressed ones */
    double bytes_per_s; /* of the growing */
    struct totals totals;
};

/* Which sites are told: those that reached head->min_bytes; also smaller ones that hold bytes; all that ever
 * allocated. */
enum findings_keep { KEEP_LARGE, KEEP_LIVE, KEEP_EVERY };

/* 0, or -1 without memory. */
int findings_of(struct findings *f, const struct ledger *l, const struct ledger_header *head,
                const struct process *process, enum findings_keep which);
void findings_free(struct findings *f);

/* After `suppressed` was set on some: sorts and counts again. */
void findings_sort(struct findings *f);

#endif
