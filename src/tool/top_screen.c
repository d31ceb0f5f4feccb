/* See top_screen.h. */
#include "top_screen.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define CURVE_NARROW 8u  /* columns of a sparkline on 80 ... */
#define CURVE_WIDE   16u /* ... and where there is room */
#define WIDE         110u
#define LEAST_ROWS   3u /* of the table; below that the stack is left out */

/* The screen while it is drawn. */
struct drawing {
    const struct top_view *view;
    const struct top_names *names;
    struct top_choice *choice;
    uint32_t columns, rows;
    struct top_screen screen;
};

/* ---- lines ---- */

/* A line that is begun with open_line and ended with close_line; NULL without memory or room. */
static FILE *open_line(struct drawing *d, enum top_look look, size_t *size)
{
    if (d->screen.count >= d->rows)
        return NULL;
    struct top_line *line = &d->screen.lines[d->screen.count];
    line->look = look;
    FILE *out = open_memstream(&line->text, size);
    d->screen.count += out != NULL;
    return out;
}

static void close_line(FILE *out)
{
    if (out)
        fclose(out);
}

__attribute__((format(printf, 3, 4))) static void add(struct drawing *d, enum top_look look,
                                                      const char *format, ...)
{
    va_list arguments;
    size_t size;
    FILE *out = open_line(d, look, &size);
    if (!out)
        return;
    va_start(arguments, format);
    vfprintf(out, format, arguments);
    va_end(arguments);
    fclose(out);
}

/* ---- above the table ---- */

struct figure top_state(const struct top_view *view)
{
    const struct process *p = &view->process;
    struct figure f = {"ended: unknown"};
    const char *name = process_signal_name(p->signal);
    if (p->end == PROCESS_RUNNING)
        snprintf(f.text, sizeof f.text, p->exiting ? "exiting" : "running");
    else if (p->end == PROCESS_EXITED && p->exit_status >= 0)
        snprintf(f.text, sizeof f.text, "ended: exit %d", p->exit_status);
    else if (p->end == PROCESS_EXITED)
        snprintf(f.text, sizeof f.text, "ended: exit");
    else if (p->end == PROCESS_KILLED)
        snprintf(f.text, sizeof f.text, "ended: killed%s%.16s", name ? " by " : "", name ? name : "");
    else if (p->end == PROCESS_EXECED)
        snprintf(f.text, sizeof f.text, "ended: exec of another program");
    return f;
}

static void add_process(struct drawing *d)
{
    size_t size;
    FILE *out = open_line(d, TOP_BOLD, &size);
    if (!out)
        return;
    fputs("leakwatch top  ", out);
    format_text(out, d->view->head.program);
    fprintf(out, "  pid %u  %s  %s%s", d->view->head.pid,
            format_seconds((double)d->view->process.age_ms / 1000).text, top_state(d->view).text,
            d->choice->frozen ? "  FROZEN" : "");
    close_line(out);
}

static void add_verdict(struct drawing *d)
{
    const struct top_view *v = d->view;
    if (!v->growing)
        add(d, TOP_PLAIN, "none of %s call sites grows", format_count(v->totals.sites).text);
    else if (v->seconds_to_limit >= 0)
        add(d, TOP_ALARM, "%s of %s call sites grow  %s; the limit is reached in %s",
            format_count(v->growing).text, format_count(v->totals.sites).text,
            format_rate(v->bytes_per_s).text, format_about(v->seconds_to_limit).text);
    else
        add(d, TOP_ALARM, "%s of %s call sites grow  %s", format_count(v->growing).text,
            format_count(v->totals.sites).text, format_rate(v->bytes_per_s).text);
}

static void add_memory(struct drawing *d)
{
    const struct top_view *v = d->view;
    size_t size;
    FILE *out = open_line(d, TOP_PLAIN, &size);
    if (!out)
        return;
    if (v->memory.rss_bytes)
        fprintf(out, "resident %s = ", format_bytes((double)v->memory.rss_bytes).text);
    fprintf(out, "live %s", format_bytes((double)v->totals.live_bytes).text);
    if (v->makeup.untouched > 0)
        fprintf(out, " - untouched %s", format_bytes(v->makeup.untouched).text);
    if (v->makeup.retained > 0)
        fprintf(out, " + kept by malloc %s", format_bytes(v->makeup.retained).text);
    if (v->makeup.other >= 0)
        fprintf(out, " + other %s", format_bytes(v->makeup.other).text);
    close_line(out);
}

static void add_totals(struct drawing *d)
{
    const struct totals *t = &d->view->totals;
    add(d, TOP_PLAIN, "heap %s, mmap %s; %s blocks live of %s", format_bytes((double)t->heap_bytes).text,
        format_bytes((double)t->mmap_bytes).text, format_count(t->live_blocks).text,
        format_count(t->allocations).text);
}

/* ---- the table ---- */

static uint32_t curve_columns(const struct drawing *d)
{
    return d->columns >= WIDE ? CURVE_WIDE : CURVE_NARROW;
}

static void add_heading(struct drawing *d)
{
    add(d, TOP_HEADING, "%-9s %12s %10s %11s %-*s %s (by %s, %u shown)", "VERDICT", "RATE", "LIVE", "GROWN",
        (int)curve_columns(d), "CURVE", "SITE", top_order_name(d->choice->order), d->choice->count);
}

static void put_curve(const struct drawing *d, const struct top_site *site, FILE *out)
{
    uint32_t width = curve_columns(d), drawn = site->points < width ? site->points : width;
    format_sparkline(out, site->curve, site->points, width);
    fprintf(out, "%*s ", (int)(width - drawn), "");
}

static void add_site(struct drawing *d, uint32_t row)
{
    size_t size;
    const struct top_site *site = &d->view->sites[d->choice->rows[row]];
    const struct top_name *name = top_name_of(d->names, site->site);
    enum top_look look = row == d->choice->selected         ? TOP_SELECTED
                         : site->verdict == VERDICT_GROWING ? TOP_ALARM
                                                            : TOP_PLAIN;
    FILE *out = open_line(d, look, &size);
    if (!out)
        return;
    fprintf(out, "%-9s %12s %10s %11s ", verdict_name(site->verdict),
            site->bytes_per_s > 0 ? format_rate(site->bytes_per_s).text : "-",
            format_bytes(site->live_bytes).text, format_bytes(site->grown_bytes).text);
    put_curve(d, site, out);
    if (name)
        fputs(name->place, out);
    else
        fprintf(out, "site %u%s", site->site, d->names->given_up ? " (names cannot be read)" : " ...");
    close_line(out);
}

static void add_table(struct drawing *d, uint32_t page)
{
    struct top_choice *c = d->choice;
    uint32_t first = c->selected >= page ? c->selected - page + 1 : 0;
    c->page = page;
    for (uint32_t i = first; i < c->count && i < first + page; i++)
        add_site(d, i);
    if (!c->count)
        add(d, TOP_DIM,
            d->view->count ? "no site matches the filter (Esc clears it)" : "nothing is live yet");
}

/* ---- below it ---- */

static void add_stack(struct drawing *d, uint32_t lines)
{
    const struct top_choice *c = d->choice;
    if (!c->count || !lines)
        return;
    const struct top_site *site = &d->view->sites[c->rows[c->selected]];
    const struct top_name *name = top_name_of(d->names, site->site);
    add(d, TOP_HEADING, "stack of the selected site: %s blocks live of %s%s",
        format_count(site->live_blocks).text, format_count(site->allocations).text,
        site->kind == SITE_MMAP ? "  (mmap)" : "");
    const char *call = name ? name->stack : "";
    for (uint32_t i = 1; i < lines && *call; i++) {
        const char *end = strchrnul(call, '\n');
        add(d, TOP_PLAIN, "  %.*s", (int)(end - call), call);
        call = *end ? end + 1 : end;
    }
}

static void fill(struct drawing *d, uint32_t until)
{
    while (d->screen.count < until) {
        uint32_t before = d->screen.count;
        add(d, TOP_PLAIN, "%s", "");
        if (d->screen.count == before)
            return;
    }
}

static void add_help(struct drawing *d)
{
    static const char *const lines[] = {
        "  up, down, j, k    select a site; PgUp, PgDn, Home, End",
        "  g  l  r  b  n     sort by growth, live bytes, rate, live blocks, name",
        "  /                 show only what contains a text (function, file, verdict); Esc: all",
        "  space             freeze the picture, and go on",
        "  ?  h              this help",
        "  q                 quit",
        "",
        "  RATE: bytes per second of a site that is judged to be growing; GROWN: since it was",
        "  first seen; CURVE: live bytes from the start until now.",
    };
    add(d, TOP_HEADING, "keys");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        add(d, TOP_PLAIN, "%s", lines[i]);
}

/* The table, then the stack with a third of the screen, then the keys. */
static void add_body(struct drawing *d)
{
    uint32_t used = d->screen.count + 1; /* with the keys */
    uint32_t left = d->rows > used ? d->rows - used : 0;
    uint32_t stack = left > 2 * LEAST_ROWS ? left * 2 / 5 : 0;
    add_heading(d);
    if (left > stack + 1)
        add_table(d, left - stack - 1);
    fill(d, used - 1 + left - stack);
    add_stack(d, stack);
}

static void add_keys(struct drawing *d)
{
    const struct top_choice *c = d->choice;
    size_t size;
    FILE *out = open_line(d, c->typing ? TOP_BOLD : TOP_DIM, &size);
    if (!out)
        return;
    if (c->filter[0] || c->typing) {
        fputs("filter: ", out);
        format_text(out, c->filter);
        fputs(c->typing ? "_  (Enter keeps it, Esc clears it)" : "  (Esc clears it)  ", out);
    }
    if (!c->typing)
        fprintf(out, "q quit  / filter  g l r b n sort  space %s  ? help", c->frozen ? "go on" : "freeze");
    close_line(out);
}

struct top_screen top_draw(const struct top_view *view, const struct top_names *names,
                           struct top_choice *choice, uint32_t columns, uint32_t rows)
{
    struct drawing d = {.view = view, .names = names, .choice = choice, .columns = columns, .rows = rows};
    d.screen.lines = calloc(rows + (size_t)1, sizeof *d.screen.lines);
    if (!d.screen.lines)
        d.rows = 0;
    add_process(&d);
    add_verdict(&d);
    add_memory(&d);
    add_totals(&d);
    if (choice->help)
        add_help(&d);
    else
        add_body(&d);
    fill(&d, d.rows ? d.rows - 1 : 0);
    add_keys(&d);
    return d.screen;
}

void top_screen_free(struct top_screen *screen)
{
    for (uint32_t i = 0; i < screen->count; i++)
        free(screen->lines[i].text);
    free(screen->lines);
    *screen = (struct top_screen){0};
}
