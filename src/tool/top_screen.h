/* Screen: what `leakwatch top` shows, as lines of text; whoever shows them cuts them to the terminal. */
#ifndef LEAKWATCH_TOOL_TOP_SCREEN_H
#define LEAKWATCH_TOOL_TOP_SCREEN_H

#include "format.h"
#include "top_keys.h"
#include "top_view.h"

enum top_look { TOP_PLAIN, TOP_BOLD, TOP_ALARM, TOP_HEADING, TOP_SELECTED, TOP_DIM };

struct top_line {
    char *text; /* UTF-8, without line end; NULL without memory */
    enum top_look look;
};

struct top_screen {
    struct top_line *lines;
    uint32_t count; /* at most rows */
};

/* For a terminal of this size; sets choice->page. Empty without memory. Free it with top_screen_free. */
struct top_screen top_draw(const struct top_view *view, const struct top_names *names,
                           struct top_choice *choice, uint32_t columns, uint32_t rows);
void top_screen_free(struct top_screen *screen);

/* "running", "ended: killed" ... of the process. */
struct figure top_state(const struct top_view *view);

#endif
