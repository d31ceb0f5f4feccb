/* Marks: what the program told of itself by leakwatch.h: its phases, its threads' names, what it excluded.
 *
 * Read from the head of a ledger, so every name and number may be a lie: names are strangers' strings, and
 * times and bytes are only ever values. Prints nothing.
 */
#ifndef LEAKWATCH_TOOL_MARKS_H
#define LEAKWATCH_TOOL_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "findings.h"
#include "ledger.h"

struct phase {
    const char *name;  /* in the ledger; "" = before the first, or between two */
    bool others;       /* all whose names had no room */
    uint32_t times;    /* entered; the nameless one once more, at the start */
    uint64_t ms;       /* in it, all times together */
    double live_bytes; /* by how much the program's live bytes changed in it */
    uint32_t mark;     /* its place in the ledger */
};

struct named_thread {
    const char *name;
    bool others;
    uint32_t threads;  /* that took the name */
    double live_bytes; /* what they allocated less what they freed */
};

struct marks {
    struct phase phases[LEDGER_MARKS]; /* in the order of their first time; none if the program told none */
    uint32_t phases_count;
    struct named_thread threads[LEDGER_MARKS];
    uint32_t threads_count;
    bool torn;                        /* killed in a change of phase: two phases are wrong by one time */
    uint64_t since_ms;                /* age from which changes of phase are known one by one */
    uint64_t changes[LEDGER_CHANGES]; /* those, by age; as in the ledger */
    uint32_t changes_count;
};

/* The ledger must outlive it. live_bytes: of all sites now. */
struct marks marks_of(const struct ledger *l, const struct ledger_header *head, uint64_t now_ms,
                      double live_bytes);

/* How much of a site's growth was in each phase: growth[i] of phases[i], in bytes; negative where it shrank.
 * As exact as the windows of the history: growth in a window is shared out by the time of the phases in it.
 * False: not known (no phases, no history, or the changes of that time are no longer known). */
bool marks_growth(const struct marks *m, const struct finding *f, uint64_t now_ms,
                  double growth[LEDGER_MARKS]);

#endif
