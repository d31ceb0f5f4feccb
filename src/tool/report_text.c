/* The text report: its order, its first lines and its summaries. Shape and order are a promise to users (man
 * page). Sites are printed by text_sites.c, losses and hints by text_notes.c. */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "text.h"

/* What malloc keeps is worth the headline from here on. */
#define RETAINED_BYTES (32.0 * 1024 * 1024)
#define RETAINED_SHARE 0.25
/* Parts of the resident memory below this are not worth a word. */
#define PART_BYTES   (256.0 * 1024)
#define MOST_COMMAND 100u

static void print_process(const struct text *t, const struct report *r);
static void print_memory(const struct text *t, const struct report *r);
static void print_retained(const struct text *t, const struct report *r);
static void print_largest(const struct text *t, struct report *r);
static void print_known_heaps(const struct text *t, const struct report *r);
static void print_known(const struct text *t, struct report *r);
static void print_not_growing(const struct text *t, struct report *r);
static void print_peak(const struct text *t, struct report *r);
/* One process may have left several ledgers, one for each program that it became; by its pid the last is
 * found. */
static bool has_later_image(const struct children *c, uint32_t i)
{
    for (uint32_t later = i + 1; later < c->count; later++)
        if (c->items[later].pid == c->items[i].pid)
            return true;
    return false;
}

static void print_child(FILE *out, const struct children *c, uint32_t i)
{
    const struct child *child = &c->items[i];
    format_text(out, child->program);
    if (has_later_image(c, i)) {
        fprintf(out, " (pid %u, before its exec), leakwatch report ", child->pid);
        format_text(out, child->path);
    } else {
        fprintf(out, " (pid %u), leakwatch report %u", child->pid, child->pid);
    }
}

static void print_children(const struct text *t, const struct report *r);

void report_text(struct report *r, FILE *out, bool colour)
{
    struct text t = {out, colour};
    text_headline(&t, r);
    fputc('\n', out);
    print_process(&t, r);
    print_memory(&t, r);
    print_retained(&t, r);
    text_all_growing(&t, r);
    if (r->too_short)
        print_largest(&t, r);
    fputc('\n', out);
    text_marks(&t, r);
    print_known_heaps(&t, r);
    print_known(&t, r);
    text_suppressed(&t, r);
    print_not_growing(&t, r);
    print_peak(&t, r);
    print_children(&t, r);
    text_not_seen(&t, r);
    text_hints(&t, r);
}

void text_paint(const struct text *t, enum paint paint)
{
    static const char *const codes[] = {
        [PAINT_BOLD] = "1", [PAINT_RED] = "1;31", [PAINT_GREEN] = "32", [PAINT_DIM] = "2"};
    if (t->colour)
        fprintf(t->out, "\033[%sm", codes[paint]);
}

void text_plain(const struct text *t)
{
    if (t->colour)
        fputs("\033[0m", t->out);
}

/* ---- first line ---- */

static void print_limit(FILE *out, const struct report *r)
{
    double seconds = report_seconds_to_limit(r, report_bytes_per_s(r));
    if (seconds < 0)
        return;
    if (r->memory.limit == LIMIT_MACHINE)
        fprintf(out, "; at this rate the machine's free memory is used up in %s", format_about(seconds).text);
    else
        fprintf(out, "; at this rate the %s limit is reached in %s",
                format_bytes((double)r->memory.limit_bytes).text, format_about(seconds).text);
}

static bool is_of_known_runtime(const struct report *r, uint32_t finding)
{
    const struct runtime *owner = runtimes_owner(&r->runtimes, &r->findings.items[finding]);
    return owner && owner->known;
}

/* Growing sites that the user knows: from a baseline (and heaps of runtimes), or by suppressions. */
static uint32_t known_count(const struct report *r, bool from_baseline)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->findings.count; i++)
        count += r->findings.items[i].suppressed && r->findings.items[i].known == from_baseline &&
                 !is_of_known_runtime(r, i);
    for (uint32_t i = 0; from_baseline && i < r->runtimes.count; i++)
        count += r->runtimes.items[i].known;
    for (uint32_t i = 0; from_baseline && i < r->groups.count; i++)
        count += r->groups.items[i].known;
    return count;
}

/* What malloc keeps after free, if it is worth the headline; else 0. */
static double notable_retained(const struct report *r)
{
    struct makeup m = report_makeup(r);
    double retained = m.retained < 0 ? report_retained_once(r) : m.retained;
    bool notable = retained >= RETAINED_BYTES && retained >= RETAINED_SHARE * (double)r->memory.rss_bytes;
    return notable ? retained : 0;
}

static void print_no_growth(FILE *out, const struct report *r)
{
    double retained = notable_retained(r);
    if (r->too_short) {
        fprintf(out, "ran %s: too short to judge growth",
                format_seconds((double)r->process.judged_ms / 1000).text);
        return;
    }
    fputs("no site grows", out);
    if (retained > 0)
        fprintf(
            out,
            "; resident grew %s that malloc keeps after free (fragmentation or retention, not a leak: see "
            "malloc_trim(3), MALLOC_ARENA_MAX)",
            format_bytes(retained).text);
    else
        fprintf(out, "  (%s call sites)", format_count(r->findings.totals.sites).text);
}

/* "V8 heap and 2 of 1,312 call sites grow" */
static void print_what_grows(FILE *out, const struct report *r)
{
    uint32_t growing = report_growing(r), sites = growing - r->runtimes.growing - r->groups.growing;
    const char *between = "";
    for (uint32_t i = 0; i < r->runtimes.count; i++) {
        if (!r->runtimes.items[i].growing)
            continue;
        fprintf(out, "%s%s", between, r->runtimes.items[i].lens->heap);
        between = " and ";
    }
    if (sites)
        fprintf(out, "%s%s of %s call sites", between, format_count(sites).text,
                format_count(r->findings.totals.sites).text);
    if (r->groups.growing)
        fprintf(out, "%s%u group%s of small sites", sites ? " and " : between, r->groups.growing,
                r->groups.growing == 1 ? "" : "s");
    fputs(growing == 1 ? " grows" : " grow", out);
}

void report_verdict(const struct report *r, FILE *out)
{
    if (!report_growing(r)) {
        print_no_growth(out, r);
        return;
    }
    print_what_grows(out, r);
    fprintf(out, " without bound  (%s", format_rate(report_bytes_per_s(r)).text);
    print_limit(out, r);
    fputc(')', out);
}

void text_headline(const struct text *t, const struct report *r)
{
    uint32_t suppressed = known_count(r, false), known = known_count(r, true);
    text_paint(t, report_growing(r) ? PAINT_RED : PAINT_BOLD);
    fputs("leakwatch: ", t->out);
    report_verdict(r, t->out);
    if (r->too_short)
        fputs(r->findings.count ? "; largest live sites follow" : "; nothing is live", t->out);
    text_plain(t);
    if (suppressed)
        fprintf(t->out, "  (%u more suppressed)", suppressed);
    if (known)
        fprintf(t->out, "  (%u more known from the baseline)", known);
    fputc('\n', t->out);
}

/* ---- the process and its memory ---- */

/* The arguments, cut where a line would become a paragraph. */
static void print_command(const struct text *t, const struct report *r)
{
    uint32_t offset = r->head.command, columns = 0;
    const char *argument = ledger_text(r->ledger, offset);
    if (!*argument)
        format_text(t->out, r->head.program);
    while (*argument) {
        uint32_t width = format_width(argument);
        if (columns && columns + width > MOST_COMMAND) {
            fputs(" ...", t->out);
            return;
        }
        fputs(columns ? " " : "", t->out);
        format_text(t->out, argument);
        columns += width + 1;
        offset += (uint32_t)strlen(argument) + 1;
        argument = ledger_text(r->ledger, offset);
    }
}

static void print_end(const struct text *t, const struct report *r)
{
    const struct process *p = &r->process;
    const char *name = process_signal_name(p->signal);
    if (p->end == PROCESS_EXITED && p->exit_status < 0)
        fputs("ended: exit", t->out);
    else if (p->end == PROCESS_EXITED)
        fprintf(t->out, "ended: exit %d", p->exit_status);
    else if (p->end == PROCESS_KILLED && name)
        fprintf(t->out, "ended: killed by %s", name);
    else if (p->end == PROCESS_KILLED && p->signal)
        fprintf(t->out, "ended: killed by signal %d", p->signal);
    else if (p->end == PROCESS_KILLED)
        fputs("ended: killed", t->out);
    else if (p->end == PROCESS_EXECED)
        fputs("ended: exec of another program", t->out);
    else if (p->end == PROCESS_RUNNING)
        fputs(p->exiting ? "exiting" : "still running", t->out);
    else
        fputs("ended: unknown", t->out);
}

static void print_process(const struct text *t, const struct report *r)
{
    print_command(t, r);
    fprintf(t->out, "   pid %u   ran %s   ", r->head.pid,
            format_seconds((double)r->process.age_ms / 1000).text);
    print_end(t, r);
    if (r->head.sample_bytes)
        fprintf(t->out, "   sampled every %s\n", format_bytes((double)r->head.sample_bytes).text);
    else
        fputs("   exact recording\n", t->out);
}

/* "heap 370.1, mmap 11.4": the same unit as the sum before, so the unit is left out. */
static void print_tracked(const struct text *t, const struct totals *totals)
{
    fprintf(t->out, "tracked live %s", format_bytes((double)totals->live_bytes).text);
    if (totals->mmap_bytes)
        fprintf(t->out, " (heap %s, mmap %s)", format_bytes((double)totals->heap_bytes).text,
                format_bytes((double)totals->mmap_bytes).text);
}

static void print_memory(const struct text *t, const struct report *r)
{
    struct makeup m = report_makeup(r);
    if (r->memory.rss_bytes)
        fprintf(t->out, "resident %s%s", format_bytes((double)r->memory.rss_bytes).text,
                m.other < 0 ? "; " : " = ");
    else if (r->memory.peak_rss_bytes)
        fprintf(t->out, "resident at most %s; ", format_bytes((double)r->memory.peak_rss_bytes).text);
    print_tracked(t, &r->findings.totals);
    if (m.untouched >= PART_BYTES)
        fprintf(t->out, " - never touched %s", format_bytes(m.untouched).text);
    if (m.retained >= PART_BYTES)
        fprintf(t->out, " + freed but kept by malloc %s", format_bytes(m.retained).text);
    if (m.other >= 0)
        fprintf(t->out, " + other %s", format_bytes(m.other).text);
    if (m.other >= 0 && (double)r->memory.recorder_bytes >= PART_BYTES)
        fprintf(t->out, " (leakwatch itself %s)", format_bytes((double)r->memory.recorder_bytes).text);
    fputc('\n', t->out);
}

/* Which of the two it is. */
static void print_retained(const struct text *t, const struct report *r)
{
    double retained = notable_retained(r);
    uint64_t blocks = r->findings.totals.live_blocks;
    if (retained <= 0)
        return;
    if (report_is_fragmented(r, retained))
        fprintf(
            t->out,
            "kept after free: fragmentation, %s blocks that are live lie on the pages of what was freed\n",
            format_count(blocks).text);
    else
        fprintf(
            t->out,
            "kept after free: retention, whole pages are free (%s block%s live); malloc_trim(3) gives them "
            "back\n",
            format_count(blocks).text, blocks == 1 ? "" : "s");
}

/* ---- the largest ---- */

/* Of a run too short to judge. Sites that could never be flagged are worth a glance, not a page. */
#define MOST_SMALL 3u

static void print_largest(const struct text *t, struct report *r)
{
    for (uint32_t i = 0; i < r->findings.count && i < r->top; i++)
        if (!r->findings.items[i].small || i < MOST_SMALL)
            text_live(t, r, i, i + 1);
}

/* ---- summaries ---- */

static void print_known_heaps(const struct text *t, const struct report *r)
{
    for (uint32_t i = 0; i < r->runtimes.count; i++)
        if (r->runtimes.items[i].known)
            fprintf(t->out, "Known from the baseline: %s growing (%s)\n", r->runtimes.items[i].lens->heap,
                    format_rate(r->runtimes.items[i].judgement.bytes_per_s).text);
}

/* They follow the growing ones, the fastest first. */
static void print_known(const struct text *t, struct report *r)
{
    double bytes_per_s = 0, there = 0;
    uint32_t count = 0, fastest = 0;
    for (uint32_t i = r->findings.growing; i < r->findings.count; i++) {
        if (!r->findings.items[i].known || is_of_known_runtime(r, i))
            continue;
        fastest = count++ ? fastest : i;
        bytes_per_s += r->findings.items[i].judgement.bytes_per_s;
        there += r->findings.items[i].known_rate;
    }
    if (!count)
        return;
    fprintf(t->out, "Known from the baseline: %s growing (%s, there %s; fastest ", format_count(count).text,
            format_rate(bytes_per_s).text, format_rate(there).text);
    text_place(t, r, fastest);
    fputs(")\n", t->out);
}

struct tally {
    uint32_t count;
    double bytes;
    uint32_t biggest; /* a finding */
};

/* What a site is known for: what it held before the end, if all was freed at the end. */
static double weight(const struct finding *f, enum verdict v)
{
    return v == VERDICT_TRANSIENT || f->live_bytes <= 0 ? f->peak_bytes : f->live_bytes;
}

static struct tally tally(const struct report *r, enum verdict v)
{
    struct tally sum = {0};
    for (uint32_t i = 0; i < r->findings.count; i++) {
        const struct finding *f = &r->findings.items[i];
        if (f->verdict != v || f->small)
            continue;
        if (sum.count == 0 || weight(f, v) > weight(&r->findings.items[sum.biggest], v))
            sum.biggest = i;
        sum.bytes += weight(f, v);
        sum.count++;
    }
    return sum;
}

/* When a site was at its highest: the middle of the window that saw it. */
static double peak_seconds(const struct finding *f)
{
    const struct history *h = f->history;
    uint32_t best = 0;
    for (uint32_t i = 1; h && i < h->count; i++)
        if (h->closed[i].high > h->closed[best].high)
            best = i;
    return h ? ((double)h->start_ms + ((double)best + 0.5) * (double)h->width_ms) / 1000 : 0;
}

static void print_tally(const struct text *t, struct report *r, enum verdict v, struct tally sum)
{
    const struct finding *biggest = &r->findings.items[sum.biggest];
    fprintf(t->out, "%s %s", format_count(sum.count).text, verdict_name(v));
    if (v == VERDICT_RESIDENT || v == VERDICT_BOUNDED) {
        fprintf(t->out, " (%s, biggest ", format_bytes(sum.bytes).text);
        text_place(t, r, sum.biggest);
        fprintf(t->out, " %s)", format_bytes(weight(biggest, v)).text);
    } else if (v == VERDICT_TRANSIENT) {
        fprintf(t->out, " (peak %s at %s)", format_bytes(biggest->peak_bytes).text,
                format_seconds(peak_seconds(biggest)).text);
    }
}

static void print_not_growing(const struct text *t, struct report *r)
{
    static const enum verdict order[] = {VERDICT_RESIDENT, VERDICT_BOUNDED, VERDICT_TRANSIENT, VERDICT_CHURN,
                                         VERDICT_UNDECIDED};
    const char *between = "Not growing: ";
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct tally sum = tally(r, order[i]);
        if (sum.count == 0)
            continue;
        fputs(between, t->out);
        print_tally(t, r, order[i], sum);
        between = ", ";
    }
    if (between[0] == 'N')
        fprintf(t->out, "Not growing: no other site ever held %s",
                format_bytes((double)r->head.min_bytes).text);
    fputc('\n', t->out);
}

static void print_peak(const struct text *t, struct report *r)
{
    double peak = (double)r->head.peak_live_bytes;
    uint32_t best = 0;
    for (uint32_t i = 1; i < r->findings.count; i++)
        if (r->findings.items[i].at_peak_bytes > r->findings.items[best].at_peak_bytes)
            best = i;
    if (peak <= 0 || r->findings.count == 0)
        return;
    double share = r->findings.items[best].at_peak_bytes / peak * 100;
    fprintf(t->out, "At peak (%s at %s): ", format_bytes(peak).text,
            format_seconds((double)r->head.peak_ms / 1000).text);
    text_place(t, r, best);
    fprintf(t->out, " held %.0f %%\n", share < 100 ? share : 100);
}

static void print_children(const struct text *t, const struct report *r)
{
    if (r->children.recorded == 0)
        return;
    fprintf(t->out, "Children: %s recorded, %s flagged", format_count(r->children.recorded).text,
            format_count(r->children.flagged).text);
    const char *between = ": ";
    uint32_t shown = 0;
    for (uint32_t i = 0; i < r->children.count && shown < r->top; i++) {
        if (!r->children.items[i].growing)
            continue;
        fputs(between, t->out);
        print_child(t->out, &r->children, i);
        between = "; ";
        shown++;
    }
    fputc('\n', t->out);
}
