/* See metrics.h. */
#include "metrics.h"

#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "loss.h"

/* ---- gathering ---- */

/* text made visible, and cut where a character begins. */
static void copy_text(char *to, size_t room, const char *text)
{
    char *visible = format_visible(text);
    size_t length = visible ? strnlen(visible, room - 1) : 0;
    while (visible && visible[length] && length && ((unsigned char)visible[length] & 0xc0) == 0x80)
        length--;
    memcpy(to, visible ? visible : "", length);
    to[length] = '\0';
    free(visible);
}

/* Adds to the site of this name, or makes it, if there is room. */
static void add_site(struct metrics *m, uint32_t most, const char *name, double bytes_per_s, double live)
{
    char place[sizeof m->sites->place];
    uint32_t i = 0;
    copy_text(place, sizeof place, name);
    while (i < m->count && strcmp(m->sites[i].place, place) != 0)
        i++;
    if (i == m->count) {
        if (m->count >= most)
            return;
        m->sites[m->count++] = (struct metric_site){0};
        memcpy(m->sites[i].place, place, sizeof place);
    }
    m->sites[i].bytes_per_s += bytes_per_s;
    m->sites[i].live_bytes += live;
}

/* "remember cache.c:88". free() it; NULL without memory. */
static char *place_of(struct report *r, uint32_t finding)
{
    const struct call *call = stack_named(report_stack(r, finding));
    char *name = call ? stack_call_name(call) : strdup("(untracked)"), *place = NULL;
    if (!name || !call || !call->symbol->short_file)
        return name;
    const char *slash = strrchr(call->symbol->short_file, '/');
    char *brief = format_short_name(name);
    if (asprintf(&place, "%s %s:%u", brief ? brief : name, slash ? slash + 1 : call->symbol->short_file,
                 call->symbol->line) < 0)
        place = NULL;
    free(brief);
    free(name);
    return place;
}

static void add_sites(struct metrics *m, struct report *r)
{
    uint32_t most = r->top < METRICS_SITES ? r->top : METRICS_SITES;
    for (uint32_t i = 0; i < r->runtimes.count; i++) {
        const struct runtime *rt = &r->runtimes.items[i];
        if (rt->growing)
            add_site(m, most, rt->lens->heap, rt->judgement.bytes_per_s, rt->live_bytes);
    }
    for (uint32_t i = 0; i < r->findings.growing; i++) {
        const struct finding *f = &r->findings.items[i];
        if (report_told_by_runtime(r, i))
            continue;
        char *place = place_of(r, i);
        if (place)
            add_site(m, most, place, f->judgement.bytes_per_s, f->live_bytes);
        free(place);
        report_forget_stack(r, i);
    }
}

void metrics_of(struct metrics *m, struct report *r)
{
    const struct totals *t = &r->findings.totals;
    *m = (struct metrics){
        .pid = r->head.pid,
        .growing = (double)report_growing(r),
        .bytes_per_s = report_bytes_per_s(r),
        .live_bytes = (double)t->live_bytes,
        .resident_bytes = (double)r->memory.rss_bytes,
        .seconds_to_limit = report_seconds_to_limit(r, report_bytes_per_s(r)),
        .allocations = (double)t->allocations,
        .allocated_bytes = (double)t->allocated_bytes,
    };
    copy_text(m->program, sizeof m->program, r->head.program);
    memcpy(m->losses, r->head.losses, sizeof m->losses);
    add_sites(m, r);
}

int metrics_put(struct report *r, const struct export *e, FILE *out)
{
    struct metrics *m = malloc(sizeof *m);
    (void)e;
    if (!m)
        return -1;
    metrics_of(m, r);
    size_t written = fwrite(m, sizeof *m, 1, out);
    free(m);
    return written == 1 ? 0 : -1;
}

/* ---- writing ---- */

/* A label's value: there is only valid UTF-8 without control characters in it. */
static void write_value(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void write_labels(FILE *out, const char *name, const struct metrics *m)
{
    fprintf(out, "%s{program=\"", name);
    write_value(out, m->program);
    fprintf(out, "\",pid=\"%u\"", m->pid);
}

static bool told_before(const struct metrics *items, uint32_t i)
{
    for (uint32_t before = 0; before < i; before++)
        if (items[before].pid == items[i].pid)
            return true;
    return false;
}

enum figure_id { LIVE, RESIDENT, GROWING, RATE, LIMIT, ALLOCATIONS, ALLOCATED, FIGURES };

static const struct {
    const char *name, *type, *help;
} figures[FIGURES] = {
    [LIVE] = {"leakwatch_live_bytes", "gauge", "Bytes that the program has allocated and not freed."},
    [RESIDENT] = {"leakwatch_resident_bytes", "gauge", "Resident set of the process."},
    [GROWING] = {"leakwatch_growing_sites", "gauge", "Call sites whose live bytes grow without bound."},
    [RATE] = {"leakwatch_growth_bytes_per_second", "gauge", "Growth of the growing sites together."},
    [LIMIT] = {"leakwatch_limit_reached_seconds", "gauge",
               "Seconds until the memory that is left is used up at this rate."},
    [ALLOCATIONS] = {"leakwatch_allocations_total", "counter", "Blocks that were allocated."},
    [ALLOCATED] = {"leakwatch_allocated_bytes_total", "counter", "Bytes that were allocated."},
};

/* Negative: it is not known, and not written. */
static double value_of(const struct metrics *m, enum figure_id which)
{
    switch (which) {
    case LIVE:
        return m->live_bytes;
    case RESIDENT:
        return m->resident_bytes > 0 ? m->resident_bytes : -1;
    case GROWING:
        return m->growing;
    case RATE:
        return m->bytes_per_s;
    case LIMIT:
        return m->seconds_to_limit;
    case ALLOCATIONS:
        return m->allocations;
    case ALLOCATED:
        return m->allocated_bytes;
    case FIGURES:
        break;
    }
    return -1;
}

static void write_head(FILE *out, const char *name, const char *type, const char *text)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, text, name, type);
}

static void write_figure(const struct metrics *items, uint32_t count, enum figure_id which, FILE *out)
{
    write_head(out, figures[which].name, figures[which].type, figures[which].help);
    for (uint32_t i = 0; i < count; i++) {
        double value = value_of(&items[i], which);
        if (value < 0 || told_before(items, i))
            continue;
        write_labels(out, figures[which].name, &items[i]);
        fprintf(out, "} %.17g\n", value);
    }
}

static void write_losses(const struct metrics *items, uint32_t count, FILE *out)
{
    static const char name[] = "leakwatch_losses_total";
    write_head(out, name, "counter", "What was not recorded, or not wholly, by reason.");
    for (uint32_t i = 0; i < count; i++) {
        for (int loss = 0; loss < LOSS_RANGE && !told_before(items, i); loss++) {
            if (!items[i].losses[loss] || !loss_name((enum loss)loss))
                continue;
            write_labels(out, name, &items[i]);
            fprintf(out, ",reason=\"%s\"} %.17g\n", loss_name((enum loss)loss),
                    (double)items[i].losses[loss]);
        }
    }
}

static void write_sites(const struct metrics *items, uint32_t count, bool rate, FILE *out)
{
    const char *name = rate ? "leakwatch_site_growth_bytes_per_second" : "leakwatch_site_live_bytes";
    write_head(out, name, "gauge",
               rate ? "Growth of a growing call site." : "Live bytes of a growing call site.");
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t s = 0; s < items[i].count && !told_before(items, i); s++) {
            const struct metric_site *site = &items[i].sites[s];
            write_labels(out, name, &items[i]);
            fputs(",site=\"", out);
            write_value(out, site->place);
            fprintf(out, "\"} %.17g\n", rate ? site->bytes_per_s : site->live_bytes);
        }
    }
}

void metrics_write(const struct metrics *items, uint32_t count, FILE *out)
{
    for (int which = 0; which < FIGURES; which++)
        write_figure(items, count, (enum figure_id)which, out);
    write_sites(items, count, true, out);
    write_sites(items, count, false, out);
    write_losses(items, count, out);
}
