/* See top_keys.h. */
#include "top_keys.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    char key;
    const char *name;
} orders[] = {[TOP_BY_GROWTH] = {'g', "growth"},
              [TOP_BY_LIVE] = {'l', "live"},
              [TOP_BY_RATE] = {'r', "rate"},
              [TOP_BY_BLOCKS] = {'b', "blocks"},
              [TOP_BY_NAME] = {'n', "name"}};

const char *top_order_name(enum top_order order)
{
    return orders[order].name;
}

/* ---- a key ---- */

static void move_to(struct top_choice *c, int64_t row)
{
    int64_t last = (int64_t)c->count - 1;
    row = row > last ? last : row;
    c->selected = row < 0 ? 0 : (uint32_t)row;
}

static void erase(char *text)
{
    size_t length = strlen(text);
    while (length && ((unsigned char)text[--length] & 0xc0) == 0x80) {
    }
    text[length] = '\0';
}

static void append(char *text, size_t room, uint32_t byte)
{
    size_t length = strlen(text);
    if (byte < 0x20 || byte == 0x7f || byte > 0xff || length + 1 >= room)
        return;
    text[length] = (char)byte;
    text[length + 1] = '\0';
}

static void type(struct top_choice *c, uint32_t key)
{
    if (key == '\r' || key == '\n') {
        c->typing = false;
    } else if (key == 033) {
        c->typing = false;
        c->filter[0] = '\0';
    } else if (key == TOP_BACKSPACE || key == 0x7f || key == '\b') {
        erase(c->filter);
    } else {
        append(c->filter, sizeof c->filter, key);
    }
}

static bool move(struct top_choice *c, uint32_t key)
{
    int64_t row = c->selected, page = c->page ? c->page : 1;
    if (key == TOP_UP || key == 'k')
        move_to(c, row - 1);
    else if (key == TOP_DOWN || key == 'j')
        move_to(c, row + 1);
    else if (key == TOP_PAGE_UP)
        move_to(c, row - page);
    else if (key == TOP_PAGE_DOWN)
        move_to(c, row + page);
    else if (key == TOP_HOME)
        move_to(c, 0);
    else if (key == TOP_END)
        move_to(c, (int64_t)c->count);
    else
        return false;
    c->stepped = true;
    c->follow = key != TOP_HOME;
    return true;
}

static void choose_order(struct top_choice *c, uint32_t key)
{
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (key == (unsigned char)orders[i].key)
            c->order = (enum top_order)i;
}

void top_press(struct top_choice *c, uint32_t key)
{
    if (c->typing) {
        type(c, key);
        return;
    }
    bool asked = key == '?' || key == 'h';
    c->help = asked && !c->help;
    if (asked || move(c, key))
        return;
    if (key == 'q' || key == 'Q')
        c->quit = true;
    else if (key == ' ')
        c->frozen = !c->frozen;
    else if (key == '/')
        c->typing = true;
    else if (key == 033)
        c->filter[0] = '\0';
    else
        choose_order(c, key);
}

/* ---- order and filter ---- */

struct row {
    uint32_t index; /* in the view, where the most important come first */
    const struct top_site *site;
    const char *place;
    enum top_order order;
};

static bool matches(const struct top_choice *c, const struct top_site *site, const struct top_name *name)
{
    return strcasestr(verdict_name(site->verdict), c->filter) ||
           (name && (strcasestr(name->place, c->filter) || strcasestr(name->stack, c->filter)));
}

static double weight(const struct row *row)
{
    switch (row->order) {
    case TOP_BY_LIVE:
        return row->site->live_bytes;
    case TOP_BY_RATE:
        return row->site->bytes_per_s;
    case TOP_BY_BLOCKS:
        return (double)row->site->live_blocks;
    default:
        return 0;
    }
}

static int by_order(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int names = x->order == TOP_BY_NAME ? strcmp(x->place, y->place) : 0;
    if (names)
        return names;
    if (weight(x) > weight(y) || weight(x) < weight(y))
        return weight(x) > weight(y) ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static void select_again(struct top_choice *c, const struct top_view *view)
{
    for (uint32_t i = 0; i < c->count && c->follow && !c->stepped; i++)
        if (view->sites[c->rows[i]].site == c->site)
            c->selected = i;
    move_to(c, c->selected);
    c->stepped = false;
    c->site = c->count ? view->sites[c->rows[c->selected]].site : c->site;
}

void top_arrange(struct top_choice *c, const struct top_view *view, const struct top_names *names)
{
    struct row rows[TOP_SITES];
    uint32_t count = 0;
    for (uint32_t i = 0; i < view->count; i++) {
        const struct top_name *name = top_name_of(names, view->sites[i].site);
        if (!c->filter[0] || matches(c, &view->sites[i], name))
            rows[count++] = (struct row){i, &view->sites[i], name ? name->place : "", c->order};
    }
    qsort(rows, count, sizeof *rows, by_order);
    for (uint32_t i = 0; i < count; i++)
        c->rows[i] = rows[i].index;
    c->count = count;
    select_again(c, view);
}
