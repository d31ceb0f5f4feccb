/* View: one look at a ledger, as `leakwatch top` shows it, and the names of what was seen so far.
 *
 * The ledger is read in a child (apart.h), which dies with what a forged one does to it; of the target's own
 * process only files of /proc are read. Reading names is dear, so a site is named once, a hundred at a look.
 */
#ifndef LEAKWATCH_TOOL_TOP_VIEW_H
#define LEAKWATCH_TOOL_TOP_VIEW_H

#include "report.h"

#define TOP_SITES  1000u                 /* most that are shown: growing first, then the largest */
#define TOP_POINTS (HISTORY_WINDOWS + 1) /* of a curve */

struct top_site {
    uint32_t site; /* id in the ledger */
    enum site_kind kind;
    enum verdict verdict;
    double live_bytes;
    double grown_bytes; /* since it was first seen; negative: it has shrunk */
    double bytes_per_s; /* 0 unless growing */
    uint64_t live_blocks, allocations;
    uint32_t points;
    double curve[TOP_POINTS]; /* live bytes, oldest first */
};

struct top_view {
    struct ledger_header head;
    struct process process;
    struct memory memory;
    uint64_t memory_ms; /* age of the process when memory was read; 0 = never */
    struct makeup makeup;
    struct totals totals;
    uint32_t growing;
    double bytes_per_s;
    double seconds_to_limit; /* negative: not known, or never */
    uint32_t count;
    struct top_site *sites; /* growing by growth, then the rest by live bytes */
};

/* What stands behind a site: safe for a terminal (format_text), UTF-8, without line ends but the stack's. */
struct top_name {
    uint32_t site;
    char place[160];  /* function file:line */
    char stack[4096]; /* a line a call, leaf first, each ended by \n */
    UT_hash_handle hh;
};

struct top_names {
    struct top_name *by_site;
    bool given_up; /* reading them has failed: it is not tried again */
};

/* Looks again: view is what was seen before, or zeroed, and is replaced. names: fills what is missing there;
 * NULL asks for none. 0, or -1 with one line in why, and view as it was. */
int top_look(struct top_view *view, const char *path, struct top_names *names, char *why, size_t why_size);
void top_view_free(struct top_view *view);

/* NULL: not named yet. */
const struct top_name *top_name_of(const struct top_names *names, uint32_t site);
/* Whether each site of the view has been asked for. */
bool top_names_complete(const struct top_names *names, const struct top_view *view);
void top_names_free(struct top_names *names);

#endif
