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

/* text_sites.c: one finding with its stack; "function file:line" of the call that names a finding. */
void text_growing(const struct text *t, struct report *r, uint32_t finding, uint32_t number, uint32_t others,
                  double others_bytes_per_s);
void text_live(const struct text *t, struct report *r, uint32_t finding, uint32_t number);
void text_place(const struct text *t, struct report *r, uint32_t finding);

/* text_notes.c: "Not seen:" and the hints on how to go on. */
void text_not_seen(const struct text *t, struct report *r);
void text_hints(const struct text *t, struct report *r);

#endif
