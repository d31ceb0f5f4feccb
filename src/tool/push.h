/* Push: what a server of profiles is told of a process: its pprof profile, under which name, of which time.
 * Knows no network (send.h). */
#ifndef LEAKWATCH_TOOL_PUSH_H
#define LEAKWATCH_TOOL_PUSH_H

#include "export.h"

struct push_facts {
    char program[64];
    uint64_t seen_ns; /* since 1970: now, or when the process ended */
    uint64_t age_ms;
    bool running;
};

/* An export: the facts, then the profile. */
int push_put(struct report *r, const struct export *e, FILE *out);

/* What is between APP{ and }: appends "KEY=VALUE" to a list that is "" at first. False, with one line in why,
 * if the server would take it for something else. */
bool push_add_label(char *labels, size_t size, const char *label, char *why, size_t why_size);

/* The name to send under: the application's, or the program's where that is NULL, with labels; free() it,
 * NULL without memory. Of a program's name what the server would not take becomes "_". */
char *push_name(const char *application, const struct push_facts *facts, const char *labels);
bool push_is_name(const char *application);

/* What our sample types mean, as sample_type_config wants it. */
extern const char push_types[];

#endif
