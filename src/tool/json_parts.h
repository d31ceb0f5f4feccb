/* JSON parts: the lists of a report beside its sites. New references, or NULL without memory. */
#ifndef LEAKWATCH_TOOL_JSON_PARTS_H
#define LEAKWATCH_TOOL_JSON_PARTS_H

#include <jansson.h>

struct call;
struct report;
struct finding;

json_t *part_frame(const struct call *call);
json_t *part_phases(const struct report *r);
json_t *part_threads(const struct report *r);
/* null where it cannot be told. */
json_t *part_growth_by_phase(const struct report *r, const struct finding *f);
json_t *part_runtimes(const struct report *r);
json_t *part_groups(const struct report *r);

#endif
