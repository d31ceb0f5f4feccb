/* Text: the pieces that report_text.c puts together, each a few lines of the report. */
#ifndef LEAKWATCH_TOOL_TEXT_H
#define LEAKWATCH_TOOL_TEXT_H

#include "report.h"

struct text {
    FILE *out;
    bool colour;
};

enum paint { PAINT_BOLD, PAINT_RED, PAINT_GREEN, PAINT_DIM };
/* Starts and ends a colour; nothing without colour. */
void text_paint(const struct text *t, enum paint paint);
void text_plain(const struct text *t);

/* What is told together with a finding. */
struct company {
    uint32_t others;    /* findings at the same place */
    double bytes_per_s; /* of these */
    uint32_t held_by;   /* 1 + index of the finding that is their container, or 0 */
    bool follows;       /* another tells it: the first at its place, its elements, or a runtime */
};

/* text_all_growing.c: runtimes, sites and groups that grow, as many as the report is to show. */
void text_all_growing(const struct text *t, struct report *r);

/* text_sites.c: one finding with its stack; "function file:line" of the call that names a finding. */
void text_growing(const struct text *t, struct report *r, uint32_t finding, uint32_t number,
                  const struct company *company);
void text_live(const struct text *t, struct report *r, uint32_t finding, uint32_t number);
void text_place(const struct text *t, struct report *r, uint32_t finding);

/* text_curve: a history in one line of characters. */
void text_curve(const struct text *t, const struct report *r, const struct history *h);
/* One call of a stack, in a line; columns: of the names above and below. */
void text_call(const struct text *t, const struct stack *stack, uint32_t i, uint32_t columns, bool bold);
/* What a call is known by. */
void text_call_place(const struct text *t, const struct call *call);

/* The calls of a stack, from one on. */
void text_stack(const struct text *t, const struct stack *stack, uint32_t from);

/* text_groups.c: growth that many stacks share, as one finding. */
void text_group(const struct text *t, struct report *r, const struct group *g, uint32_t number);

/* text_runtimes.c: a runtime that grows, as one finding. */
void text_runtime(const struct text *t, struct report *r, const struct runtime *rt, uint32_t number);

/* The same as text to be freed, without colour and with what strangers put there made visible, for other
 * forms: the place in a line; figures and stack. NULL without memory. */
char *text_place_of(struct report *r, uint32_t finding);
char *text_finding_of(struct report *r, uint32_t finding);

char *text_runtime_of(struct report *r, const struct runtime *rt);
char *text_group_place_of(const struct group *g);
char *text_group_of(struct report *r, const struct group *g);

/* text_marks.c: phases, threads and exclusions that the program told of; nothing where it told none. And how
 * a growing site's growth is spread over the phases, a line. */
void text_marks(const struct text *t, const struct report *r);
void text_growth_by_phase(const struct text *t, const struct report *r, const struct finding *f);

/* report_text.c: the first line, the verdict. */
void text_headline(const struct text *t, const struct report *r);

/* text_notes.c: "Not seen:" and the hints on how to go on. */
void text_not_seen(const struct text *t, struct report *r);
/* Which suppressions were used, and for how much; nothing where there is none. */
void text_suppressed(const struct text *t, const struct report *r);
void text_hints(const struct text *t, struct report *r);

#endif
