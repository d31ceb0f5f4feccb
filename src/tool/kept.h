/* Kept: the sites of a report that was kept, as a JSON report or as a ledger, to be compared with another.
 *
 * What is the same place in two builds is said by functions, files and lines, never by addresses (pairs.h).
 */
#ifndef LEAKWATCH_TOOL_KEPT_H
#define LEAKWATCH_TOOL_KEPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "report.h"
#include "settings.h"

/* Texts are strangers', and live as long as the report; "" and 0 where nothing is known. */
struct kept_frame {
    const char *function, *file, *module, *build_id;
    uint64_t offset;
    uint32_t line;
};

struct kept_site {
    struct kept_frame *frames; /* leaf first */
    uint32_t count;
    uint32_t named;  /* of frames: the first that is neither allocator nor wrapper; 0 if all are */
    uint32_t leader; /* the first site at the same place (pairs_merge); itself, mostly */
    bool mmap;
    bool growing; /* also where it was suppressed: it was known to grow */
    bool owned;   /* by a runtime's heap, which is a site of its own here: one frame, "V8 heap" */
    bool told;    /* it grows, and so does the heap that it is a part of: growing is that one's */
    bool suppressed;
    const char *verdict;
    double bytes_per_s; /* 0 unless growing */
    double held_bytes;  /* live bytes; before all was freed at the end, if it was */
};

struct kept {
    const char *name; /* as the user called it */
    const char *program;
    uint32_t pid;
    double duration_s;
    struct kept_site *sites;
    uint32_t count;
    json_t *json; /* whose texts these are; or NULL: those of a report in memory */
};

/* Reads a JSON report, or a ledger of that name or pid: 0, or -1 after one line on stderr. name and settings
 * (its suppressions) must outlive it. */
int kept_read(struct kept *k, const char *name, const struct settings *settings);

/* The growing sites of a report in memory, which must outlive it: site i is finding i. 0, or -1 without
 * memory. */
int kept_of_report(struct kept *k, struct report *r);

void kept_free(struct kept *k);

#endif
