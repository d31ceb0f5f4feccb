/* Diff: what has changed between two reports, site by site, and whether it matters.
 *
 * Runs differ in length and load, so growth is compared by its rate, and only what a site holds without
 * growing by its bytes.
 */
#ifndef LEAKWATCH_TOOL_DIFF_H
#define LEAKWATCH_TOOL_DIFF_H

#include <stdio.h>

#include "kept.h"

/* Most interesting first: the order in which they are told. Suppressed growth counts as none. */
enum change {
    CHANGE_NEWLY_GROWING, /* also of a site that was not there */
    CHANGE_FASTER,
    CHANGE_STILL_GROWING, /* at about the same rate */
    CHANGE_SLOWER,
    CHANGE_NO_LONGER_GROWING, /* also: its site is not there any more */
    CHANGE_NEW,               /* from here on: of sites that grow in neither */
    CHANGE_GROWN,
    CHANGE_SHRUNK,
    CHANGE_GONE,
    CHANGE_SAME,
    CHANGES
};

struct difference {
    enum change change;
    const struct kept_site *old, *new; /* one of them may be NULL */
    double by;                         /* how much: bytes a second of growth, else bytes; never negative */
};

struct diff {
    const struct kept *old, *new;
    struct difference *items; /* by change, then by how much */
    uint32_t count;
    uint32_t counts[CHANGES];
};

/* Both merged (pairs_merge); they must outlive it. 0, or -1 without memory. */
int diff_of(struct diff *d, const struct kept *old, const struct kept *new);
void diff_free(struct diff *d);

const char *diff_change_name(enum change change); /* "newly growing" ... */

/* What this comparison cannot show; a sentence each. */
void diff_notes(const struct diff *d, void (*take)(void *to, const char *note), void *to);

/* The two prints. top: most sites of a kind in text. */
void diff_text(const struct diff *d, uint32_t top, bool colour, FILE *out);
int diff_json(const struct diff *d, FILE *out); /* leakwatch-diff/1; -1 without memory */

#endif
