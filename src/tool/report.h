/* Report: everything that is said about one process, gathered once and printed as text or JSON. */
#ifndef LEAKWATCH_TOOL_REPORT_H
#define LEAKWATCH_TOOL_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "children.h"
#include "findings.h"
#include "groups.h"
#include "marks.h"
#include "memory.h"
#include "process.h"
#include "runtimes.h"
#include "stack.h"

struct export;
struct kept;

struct report_options {
    uint32_t top; /* sites of each kind in a text report */
    const struct suppressions *suppressions;
    const struct kept *baseline; /* whose findings are known; or NULL */
    bool waited;                 /* it was our child: wait_status tells how it ended */
    int wait_status;
    bool children;               /* look for its children */
    bool every;                  /* all sites that ever allocated, however small */
    bool all_frames;             /* show what lies between the allocator and the program, too */
    const struct export *export; /* instead of text or JSON; or NULL */
    bool nameless;               /* do without symbols: reading them has failed */
    unsigned patience_ms;        /* for all of the report; 0: as long as one waits by hand */
};

struct report {
    const struct ledger *ledger;
    struct ledger_header head; /* as it was when the report began */
    struct process process;
    struct memory memory;
    struct findings findings;
    struct stack *stacks;     /* one a finding; empty until report_stack asked for it */
    struct runtimes runtimes; /* findings of runtimes with a heap of their own, taken together */
    struct groups groups;     /* growth that many small sites share */
    struct children children;
    struct marks marks; /* what the program told of itself */
    struct symbols *symbols;
    const struct suppressions *suppressions; /* or NULL */
    uint32_t top;
    bool all_frames;
    bool nameless;  /* files are not opened: reading them has failed */
    bool too_short; /* nothing grows, but there was no time to see it */
};

/* 0, or -1 with one line in why. The ledger and the options must outlive the report. */
int report_make(struct report *r, const struct ledger *l, const struct report_options *options, char *why,
                size_t why_size);
void report_free(struct report *r);

/* The named stack of a finding, looked up on first use. */
const struct stack *report_stack(struct report *r, uint32_t finding);
/* Frees it until it is asked for again. */
void report_forget_stack(struct report *r, uint32_t finding);

/* Sites, runtimes and groups that grow: what the headline counts. A site that a growing runtime owns is told
 * by it.
 */
uint32_t report_growing(const struct report *r);
double report_bytes_per_s(const struct report *r);

/* Whether the finding is a part of a growing runtime. */
bool report_told_by_runtime(const struct report *r, uint32_t finding);
/* The finding of a site that has one. */
uint32_t report_finding_of(const struct report *r, uint32_t site);

/* Seconds until the memory that is left is used up at this rate; negative: not known, or never. */
double report_seconds_to_limit(const struct report *r, double bytes_per_s);

/* How what is resident is made up. Parts that are not known are negative. */
struct makeup {
    double retained;  /* freed by the program, kept by malloc */
    double untouched; /* allocated, never written to: not resident */
    double other;     /* code, stacks, what malloc needs for itself, the recorder */
};
/* What malloc kept of a process that is gone: an estimate, from what was resident when it ended and from what
 * was live at most. 0 where nothing is known. */
double report_retained_once(const struct report *r);
/* Whether the live blocks suffice to hold pages of that many bytes, one in each: fragmentation. If not,
 * malloc keeps pages that are wholly free. */
bool report_is_fragmented(const struct report *r, double retained);
struct makeup report_makeup(const struct report *r);

/* The verdict in one line, without its end: "2 of 1,312 call sites grow without bound  (+3.1 MiB/s)". */
void report_verdict(const struct report *r, FILE *out);

/* The prints, one for each enum report_form. out gets no escape sequence unless colour. */
void report_text(struct report *r, FILE *out, bool colour);
void report_github(struct report *r, FILE *out); /* at most r->top annotations: runners show ten */
void report_junit(struct report *r, FILE *out);
int report_json(struct report *r, FILE *out); /* -1 without memory */
/* The same in less, leakwatch-page/1: "frames" at the end is a list of frames, and a stack is a list of
 * places in it. A fifth of the bytes, where stacks have much in common. */
int report_json_dense(struct report *r, FILE *out);

#endif
