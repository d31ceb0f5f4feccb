/* The comparison as text: what newly grows first, with its stack; what merely changed a line each. */
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "format.h"
#include "text.h"
#include "wrappers.h"

/* Enough to recognise a site; the reports have all of its stack. */
#define MOST_CALLS 8u
/* Functions are aligned up to this width. */
#define NAME_COLUMNS 40u

/* ---- names ---- */

#define LONG_NAME 60 /* a C++ name that would fill the line is shown without its template arguments */

/* free() it; NULL without memory. */
static char *function_text(const struct kept_frame *f)
{
    const char *slash = strrchr(f->module, '/'), *module = slash ? slash + 1 : f->module;
    char *text = NULL;
    if (*f->function)
        return strlen(f->function) > LONG_NAME ? format_short_name(f->function) : strdup(f->function);
    int failed = asprintf(&text, "%s+0x%jx", *module ? module : "?", (uintmax_t)f->offset);
    return failed < 0 ? NULL : text;
}

static void print_frame(FILE *out, const struct kept_frame *f, uint32_t columns)
{
    char *function = function_text(f);
    uint32_t width = function ? format_width(function) : 0;
    if (function)
        format_text(out, function);
    if (*f->file) {
        fprintf(out, "%*s  ", width < columns ? (int)(columns - width) : 0, "");
        format_text(out, f->file);
        if (f->line)
            fprintf(out, ":%u", f->line);
    }
    free(function);
}

static const struct kept_site *shown_site(const struct difference *d)
{
    return d->new ? d->new : d->old;
}

static void print_place(FILE *out, const struct kept_site *site)
{
    if (site->count)
        print_frame(out, &site->frames[site->named], 0);
    else
        fputs("(untracked)", out);
}

static uint32_t name_columns(const struct kept_site *site, uint32_t end)
{
    uint32_t columns = 0;
    for (uint32_t i = site->named; i < end; i++) {
        char *function = function_text(&site->frames[i]);
        uint32_t width = function ? format_width(function) : 0;
        columns = width > columns ? width : columns;
        free(function);
    }
    return columns < NAME_COLUMNS ? columns : NAME_COLUMNS;
}

static void print_stack(const struct text *t, const struct kept_site *site)
{
    uint32_t end = site->named;
    while (end < site->count && end - site->named < MOST_CALLS &&
           (end == site->named || !wrappers_is_start(site->frames[end].function)))
        end++;
    uint32_t columns = name_columns(site, end);
    if (!site->count)
        fputs("      (untracked)\n", t->out);
    for (uint32_t i = site->named; i < end; i++) {
        fputs("      ", t->out);
        if (i == site->named)
            text_paint(t, PAINT_BOLD);
        print_frame(t->out, &site->frames[i], columns);
        text_plain(t);
        fputc('\n', t->out);
    }
}

/* ---- what grows, or did ---- */

static void print_rates(const struct text *t, const struct difference *d)
{
    if (d->change == CHANGE_NEWLY_GROWING)
        fprintf(t->out, "%s", format_rate(d->new->bytes_per_s).text);
    else if (d->change == CHANGE_NO_LONGER_GROWING)
        fprintf(t->out, "%s before", format_rate(d->old->bytes_per_s).text);
    else
        fprintf(t->out, "%s -> %s", format_rate(d->old->bytes_per_s).text,
                format_rate(d->new->bytes_per_s).text);
}

static void print_states(const struct text *t, const struct difference *d)
{
    bool grew = d->change == CHANGE_NO_LONGER_GROWING;
    if (d->change == CHANGE_NEWLY_GROWING && !d->old)
        fputs("   was not there before", t->out);
    else if (d->change == CHANGE_NEWLY_GROWING)
        fprintf(t->out, "   was %s, %s", d->old->suppressed ? "suppressed" : d->old->verdict,
                format_bytes(d->old->held_bytes).text);
    if (grew && !d->new)
        fputs("   is not there any more", t->out);
    else if (grew)
        fprintf(t->out, "   is %s", d->new->suppressed ? "suppressed" : d->new->verdict);
    if (d->new)
        fprintf(t->out, "   holds %s", format_bytes(d->new->held_bytes).text);
}

static enum paint paint_of(enum change change)
{
    return change <= CHANGE_FASTER ? PAINT_RED : change >= CHANGE_SLOWER ? PAINT_GREEN : PAINT_BOLD;
}

static void print_growth(const struct text *t, const struct difference *d)
{
    static const char *const words[] = {
        [CHANGE_NEWLY_GROWING] = "NEWLY GROWING",         [CHANGE_FASTER] = "GROWS FASTER",
        [CHANGE_STILL_GROWING] = "STILL GROWING",         [CHANGE_SLOWER] = "GROWS SLOWER",
        [CHANGE_NO_LONGER_GROWING] = "NO LONGER GROWING",
    };
    fputc('\n', t->out);
    text_paint(t, paint_of(d->change));
    fputs(words[d->change], t->out);
    text_plain(t);
    fputs("   ", t->out);
    print_rates(t, d);
    print_states(t, d);
    fputc('\n', t->out);
    print_stack(t, shown_site(d));
}

/* ---- what does not grow ---- */

static void print_level(const struct text *t, const struct difference *d)
{
    fprintf(t->out, "    %-6s  ", diff_change_name(d->change));
    if (d->old && d->new)
        fprintf(t->out, "%10s -> %-10s  ", format_bytes(d->old->held_bytes).text,
                format_bytes(d->new->held_bytes).text);
    else
        fprintf(t->out, "%10s    %-10s  ", d->old ? format_bytes(d->old->held_bytes).text : "",
                d->new ? format_bytes(d->new->held_bytes).text : "");
    print_place(t->out, shown_site(d));
    fputc('\n', t->out);
}

static void print_one(const struct text *t, const struct difference *d, bool first_level)
{
    if (d->change <= CHANGE_NO_LONGER_GROWING) {
        print_growth(t, d);
        return;
    }
    if (first_level)
        fputs("\nNot growing:\n", t->out);
    print_level(t, d);
}

static void print_differences(const struct text *t, const struct diff *d, uint32_t top)
{
    bool first_level = true;
    for (uint32_t i = 0, shown = 0; i < d->count && d->items[i].change != CHANGE_SAME; i++) {
        const struct difference *item = &d->items[i];
        shown = i > 0 && item->change == item[-1].change ? shown + 1 : 1;
        if (shown <= top) {
            print_one(t, item, first_level);
            first_level &= item->change <= CHANGE_NO_LONGER_GROWING;
        } else if (shown == top + 1) {
            fprintf(t->out, "    ... and %u more %s (--top N shows more, --format json all)\n",
                    d->counts[item->change] - top, diff_change_name(item->change));
        }
    }
}

/* ---- head ---- */

static void print_headline(const struct text *t, const struct diff *d)
{
    uint32_t newly = d->counts[CHANGE_NEWLY_GROWING];
    double bytes_per_s = 0;
    for (uint32_t i = 0; i < newly; i++)
        bytes_per_s += d->items[i].by;
    text_paint(t, newly ? PAINT_RED : PAINT_BOLD);
    if (newly)
        fprintf(t->out, "leakwatch: %u site%s newly grow%s  (%s)", newly, newly == 1 ? "" : "s",
                newly == 1 ? "s" : "", format_rate(bytes_per_s).text);
    else
        fputs("leakwatch: nothing newly grows", t->out);
    text_plain(t);
    const char *between = "; ";
    for (enum change change = CHANGE_FASTER; change < CHANGES; change++) {
        if (!d->counts[change])
            continue;
        fprintf(t->out, "%s%u %s", between, d->counts[change], diff_change_name(change));
        between = ", ";
    }
    fputc('\n', t->out);
}

static void print_report(const struct text *t, const char *which, const struct kept *k)
{
    fprintf(t->out, "%s  ", which);
    format_text(t->out, k->program);
    fprintf(t->out, "   pid %u   ran %s   ", k->pid, format_seconds(k->duration_s).text);
    format_text(t->out, k->name);
    fputc('\n', t->out);
}

static void print_note(void *text, const char *note)
{
    const struct text *t = text;
    fputs("Note: ", t->out);
    format_text(t->out, note);
    fputc('\n', t->out);
}

void diff_text(const struct diff *d, uint32_t top, bool colour, FILE *out)
{
    struct text t = {out, colour};
    print_headline(&t, d);
    fputc('\n', out);
    print_report(&t, "OLD", d->old);
    print_report(&t, "NEW", d->new);
    diff_notes(d, print_note, &t);
    print_differences(&t, d, top);
}
