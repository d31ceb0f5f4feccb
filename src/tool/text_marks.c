/* See text.h. What the program told of itself by leakwatch.h. */
#include <math.h>
#include <stdlib.h>

#include "format.h"
#include "text.h"

#define NAME_COLUMNS 20
/* Of a site's growth, phases with less than a twentieth of it are not worth a word. */
#define LEAST_SHARE 0.05

static void print_name(FILE *out, const char *name, bool others)
{
    if (others)
        fputs("(others)", out);
    else if (*name)
        format_text(out, name);
    else
        fputs("(none)", out);
}

/* "+2.9 MiB" */
static struct figure signed_bytes(double bytes)
{
    struct figure plain = format_bytes(fabs(bytes)), figure;
    snprintf(figure.text, sizeof figure.text, "%c%.40s", bytes < 0 ? '-' : '+', plain.text);
    return figure;
}

/* ---- phases ---- */

static void print_phase(const struct text *t, const struct phase *p)
{
    uint32_t width = p->others ? 8 : *p->name ? format_width(p->name) : 6;
    fputs("          ", t->out);
    print_name(t->out, p->name, p->others);
    fprintf(t->out, "%*s  %12s   in %s", width < NAME_COLUMNS ? (int)(NAME_COLUMNS - width) : 0, "",
            signed_bytes(p->live_bytes).text, format_seconds((double)p->ms / 1000).text);
    if (p->times > 1)
        fprintf(t->out, ", %s times", format_count(p->times).text);
    fputc('\n', t->out);
}

/* Of the time without a phase there is always a moment. */
#define MOMENT_MS 50

static bool is_shown(const struct phase *p)
{
    return p->mark || p->ms >= MOMENT_MS || p->live_bytes < 0 || p->live_bytes > 0;
}

static void print_phases(const struct text *t, const struct marks *m)
{
    if (!m->phases_count)
        return;
    fputs("Phases of the program, and how live bytes changed in each:\n", t->out);
    for (uint32_t i = 0; i < m->phases_count; i++)
        if (is_shown(&m->phases[i]))
            print_phase(t, &m->phases[i]);
    if (m->since_ms)
        fprintf(t->out,
                "          (more than %u changes: in which of them an older site grew is not known)\n",
                LEDGER_CHANGES);
    if (m->torn)
        fputs("          (ended in the middle of a change: two of these are wrong by one time)\n", t->out);
}

/* ---- threads and exclusions ---- */

static void print_threads(const struct text *t, const struct marks *m, uint32_t top)
{
    const char *between = "Threads (allocated less freed): ";
    for (uint32_t i = 0; i < m->threads_count && i < top; i++) {
        const struct named_thread *n = &m->threads[i];
        fputs(between, t->out);
        print_name(t->out, n->name, n->others);
        if (n->threads > 1)
            fprintf(t->out, " x%s", format_count(n->threads).text);
        fprintf(t->out, " %s", signed_bytes(n->live_bytes).text);
        between = ", ";
    }
    if (m->threads_count > top)
        fprintf(t->out, "%s%u more names", top ? ", " : between, m->threads_count - top);
    if (m->threads_count)
        fputc('\n', t->out);
}

static void print_excluded(const struct text *t, const struct totals *totals)
{
    if (totals->excluded_allocations)
        fprintf(t->out, "Excluded by the program: %s allocation%s; live of them: %s (%s)\n",
                format_count(totals->excluded_allocations).text, totals->excluded_allocations == 1 ? "" : "s",
                format_count(totals->excluded_live_blocks).text,
                format_bytes((double)totals->excluded_live_bytes).text);
}

void text_marks(const struct text *t, const struct report *r)
{
    print_phases(t, &r->marks);
    print_threads(t, &r->marks, r->top);
    print_excluded(t, &r->findings.totals);
}

/* ---- a growing site ---- */

static uint32_t largest(const double *growth, uint32_t count)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (growth[i] > growth[best])
            best = i;
    return best;
}

void text_growth_by_phase(const struct text *t, const struct report *r, const struct finding *f)
{
    double growth[LEDGER_MARKS];
    const struct marks *m = &r->marks;
    if (!marks_growth(m, f, r->process.judged_ms, growth))
        return;
    const char *between = "    phases  ";
    double least = LEAST_SHARE * (f->live_bytes - f->from_bytes);
    for (uint32_t i = largest(growth, m->phases_count); growth[i] > 0 && growth[i] >= least;
         i = largest(growth, m->phases_count)) {
        fputs(between, t->out);
        print_name(t->out, m->phases[i].name, m->phases[i].others);
        fprintf(t->out, " %s", signed_bytes(growth[i]).text);
        growth[i] = 0;
        between = ", ";
    }
    if (between[0] == ',')
        fputc('\n', t->out);
}
