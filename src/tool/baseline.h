/* Baseline: findings that are known, from a report that was kept, so that only new ones fail a check.
 *
 * A growing site is known when diff (pairs.h) would call it the same as one that grew in the baseline. It is
 * then suppressed, and said to be known.
 */
#ifndef LEAKWATCH_TOOL_BASELINE_H
#define LEAKWATCH_TOOL_BASELINE_H

#include "kept.h"

/* A JSON report, or a ledger. 0, or -1 after one line on stderr. kept_free it. file and settings must outlive
 * it. */
int baseline_read(struct kept *baseline, const char *file, const struct settings *settings);

/* Marks the known findings and sorts anew. 0, or -1 without memory. */
int baseline_apply(struct report *r, const struct kept *baseline);

#endif
