/* Export: a ledger's sites in a form that other tools read. One file a format; cmd_export.c lists them. */
#ifndef LEAKWATCH_TOOL_EXPORT_H
#define LEAKWATCH_TOOL_EXPORT_H

#include "report.h"

/* What a format with one value a stack shows. */
enum export_what { EXPORT_LIVE, EXPORT_ALLOCATED, EXPORT_GROWTH };

struct export
{
    /* All of the format, to out. 0, or -1 without memory. Runs apart (apart.h): it may read, not complain. */
    int (*write)(struct report * r, const struct export *e, FILE *out);
    enum export_what what;
};

int export_json(struct report *r, const struct export *e,
                FILE *out); /* leakwatch-report/1, as report -f json */
int export_folded(struct report *r, const struct export *e, FILE *out); /* root;...;leaf BYTES */
int export_csv(struct report *r, const struct export *e, FILE *out);    /* RFC 4180, one line a site */
/* gzip'd protobuf, for pprof and its relatives. */
int export_pprof(struct report *r, const struct export *e, FILE *out);
const char *export_pprof_lacks(void); /* what this build has been made without; NULL: nothing */
/* One page for a browser, with the report in it. */
int export_html(struct report *r, const struct export *e, FILE *out);
const char *export_html_lacks(void);

int export_prometheus(struct report *r, const struct export *e, FILE *out); /* text exposition */

/* A stack as folded has it, root first: "(cut);main;remember", or "(untracked)". 0, or -1 without memory. */
int export_stack(const struct stack *stack, FILE *out);

/* Bytes by which a site that is held to be growing, and not suppressed, has grown since it was first seen. By
 * site, which is what has a stack: a runtime's heap and a group are told by the report. */
uint64_t export_growth(const struct finding *f);

#endif
