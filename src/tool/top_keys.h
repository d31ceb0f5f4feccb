/* Keys: what the user of `leakwatch top` has chosen: order, filter, selected site, frozen, help. */
#ifndef LEAKWATCH_TOOL_TOP_KEYS_H
#define LEAKWATCH_TOOL_TOP_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "top_view.h"

enum top_order { TOP_BY_GROWTH, TOP_BY_LIVE, TOP_BY_RATE, TOP_BY_BLOCKS, TOP_BY_NAME };

/* Keys that are no character. */
enum top_key { TOP_UP = 0x200000, TOP_DOWN, TOP_PAGE_UP, TOP_PAGE_DOWN, TOP_HOME, TOP_END, TOP_BACKSPACE };

struct top_choice {
    enum top_order order;
    char filter[64]; /* UTF-8; matches place, stack, verdict, without regard to case; "" = all */
    bool typing;     /* a filter is being typed */
    bool frozen;
    bool help;
    bool quit;
    uint32_t selected;        /* row in rows */
    uint32_t site;            /* which stands there: it stays selected when others overtake it ... */
    bool follow;              /* ... once the user has moved */
    bool stepped;             /* moved since rows were arranged */
    uint32_t page;            /* rows that the screen shows: set when it is drawn */
    uint32_t rows[TOP_SITES]; /* index of each site that is shown, in order */
    uint32_t count;
};

/* A key was pressed: a character, or an enum top_key. */
void top_press(struct top_choice *choice, uint32_t key);

/* Which sites are shown, in which order. To be called after each key and each look. */
void top_arrange(struct top_choice *choice, const struct top_view *view, const struct top_names *names);

const char *top_order_name(enum top_order order);

#endif
