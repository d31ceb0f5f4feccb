/* Runtimes: the findings that one lens owns, taken as one.
 *
 * A collector gives pages back here and asks for others there, so a single page-request site says little.
 * Their sum is judged like a site, by its floor: the trough that a collector reaches again and again.
 */
#ifndef LEAKWATCH_TOOL_RUNTIMES_H
#define LEAKWATCH_TOOL_RUNTIMES_H

#include "callers.h"
#include "findings.h"
#include "lens.h"

struct report;

struct runtime {
    const struct lens *lens;
    uint32_t members;   /* findings that are this runtime's */
    uint32_t strongest; /* the site that contributed most */
    struct history history;
    struct judgement judgement;
    double from_bytes, live_bytes, peak_bytes; /* as of a finding */
    uint64_t requests;                         /* page requests */
    struct caller *callers;                    /* by share */
    uint32_t callers_count;
    bool growing; /* and not suppressed */
    bool suppressed;
    bool known; /* suppressed, by a baseline */
};

struct runtimes {
    struct runtime *items; /* one a lens that owns anything */
    uint32_t count;
    uint32_t growing;
    double bytes_per_s; /* of the growing */
};

/* Sorts the findings of a report under its lenses, and settles their verdicts: findings_sort is due then. 0,
 * or -1 without memory (all is empty then). */
int runtimes_of(struct runtimes *rs, struct report *r, const struct suppressions *suppressions);
void runtimes_free(struct runtimes *rs);

/* A growing runtime is known from a baseline: it is suppressed, with what it tells. findings_sort is due. */
void runtimes_know(struct runtimes *rs, struct report *r, uint32_t index);

/* The runtime that owns this finding, or NULL. */
const struct runtime *runtimes_owner(const struct runtimes *rs, const struct finding *f);

#endif
