/* Metrics: what a monitoring system is told of a process: few figures, and its fastest growing sites.
 *
 * Plain values without pointers, so that a child (apart.h) can hand them to its parent as they are. Names are
 * safe for a terminal (format_text), cut, and unique within a process: sites of one place are added up.
 */
#ifndef LEAKWATCH_TOOL_METRICS_H
#define LEAKWATCH_TOOL_METRICS_H

#include "export.h"
#include "report.h"

#define METRICS_SITES 100u /* most, whatever LEAKWATCH_TOP says: each is a time series for ever */

struct metric_site {
    char place[120]; /* function file:line, or the heap of a runtime */
    double bytes_per_s, live_bytes;
};

struct metrics {
    uint32_t pid;
    char program[64];
    double growing; /* sites and runtimes that grow */
    double bytes_per_s;
    double live_bytes;
    double resident_bytes;   /* 0 = not known */
    double seconds_to_limit; /* negative: not known, or never */
    double allocations, allocated_bytes;
    uint64_t losses[LOSS_RANGE];
    uint32_t count;
    struct metric_site sites[METRICS_SITES]; /* growing ones */
};

/* At most r->top sites. */
void metrics_of(struct metrics *m, struct report *r);

/* All of several processes in Prometheus's text exposition: metric by metric, as it must be. Of two with one
 * pid the first is told. */
void metrics_write(const struct metrics *items, uint32_t count, FILE *out);

/* A struct metrics as it is, as an export's write (export.h). */
int metrics_put(struct report *r, const struct export *e, FILE *out);

#endif
