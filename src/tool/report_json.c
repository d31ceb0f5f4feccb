/* The JSON report, schema leakwatch-report/1. Fields are only ever added. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format.h"
#include "frames.h"
#include "loss.h"
#include "notes.h"
#include "report.h"
#include "suppressions.h"

static json_t *headline_of(const struct report *r);
static json_t *process_of_report(const struct report *r);
static json_t *recorder_of(const struct report *r);
static json_t *memory_of_report(const struct report *r);
static json_t *totals_of(const struct report *r);
static json_t *runtimes_of_report(const struct report *r);
static json_t *groups_of_report(const struct report *r);
static json_t *phases_of(const struct report *r);
static json_t *threads_of(const struct report *r);
static json_t *growth_by_phase(const struct report *r, const struct finding *f);

/* 16,000 sites with 64 frames each. A forged ledger may have a stack without an end at each of millions. */
#define MOST_FRAMES (UINT32_C(1) << 20)

struct writer {
    FILE *out;
    size_t flags;          /* jansson's */
    uint32_t room;         /* for frames */
    struct frames *frames; /* those that are in list; NULL: each is written where it is */
    FILE *list;
};

static int write_sites(struct report *r, struct writer *w);

/* Writes the value and frees it. */
static int dump(const struct writer *w, json_t *value, FILE *out, size_t flags)
{
    int result = value ? json_dumpf(value, out, flags | w->flags | JSON_REAL_PRECISION(12)) : -1;
    json_decref(value);
    return result;
}

/* The sites are written one by one: as values they all take six times as much memory as their text. */
static int write_report(struct report *r, const char *schema, struct writer *w)
{
    json_t *head =
        json_pack("{s:s, s:o*, s:b, s:o*, s:o*, s:o*, s:o*}", "schema", schema, "headline", headline_of(r),
                  "too_short", r->too_short, "process", process_of_report(r), "recorder", recorder_of(r),
                  "memory", memory_of_report(r), "totals", totals_of(r));
    fputs("{\n", w->out);
    if (dump(w, head, w->out, JSON_EMBED) != 0)
        return -1;
    fputs(",\n\"sites\": [", w->out);
    if (write_sites(r, w) != 0)
        return -1;
    json_t *rest = json_pack("{s:o*, s:o*, s:o*, s:o*}", "runtimes", runtimes_of_report(r), "groups",
                             groups_of_report(r), "phases", phases_of(r), "threads", threads_of(r));
    fputs("],\n", w->out);
    return dump(w, rest, w->out, JSON_EMBED);
}

int report_json(struct report *r, FILE *out)
{
    struct writer w = {.out = out, .flags = JSON_INDENT(1), .room = MOST_FRAMES};
    int result = write_report(r, "leakwatch-report/1", &w);
    fputs("}\n", out);
    return result;
}

int report_json_dense(struct report *r, FILE *out)
{
    struct frames frames = {0};
    char *list = NULL;
    size_t size = 0;
    struct writer w = {.out = out, .flags = JSON_COMPACT, .room = MOST_FRAMES, .frames = &frames};
    w.list = open_memstream(&list, &size);
    if (!w.list)
        return -1;
    int result = write_report(r, "leakwatch-page/1", &w);
    if (fclose(w.list) != 0)
        result = -1;
    fputs(",\n\"frames\": [", out);
    if (result == 0)
        fwrite(list, 1, size, out);
    fputs("]}\n", out);
    free(list);
    frames_free(&frames);
    return result;
}

/* ---- values ---- */

/* JSON text is UTF-8 and the target's strings are what they are. */
static json_t *text(const char *string)
{
    char *valid = string ? format_utf8(string) : NULL;
    json_t *value = valid ? json_string(valid) : json_null();
    free(valid);
    return value;
}

static json_t *text_or_null(const char *string)
{
    return string && *string ? text(string) : json_null();
}

/* JSON's integers end at 2^63 - 1 here: what is beyond (forged, or a race's -1) is said as that. */
static json_t *count(uint64_t n)
{
    return json_integer((json_int_t)(n < INT64_MAX ? n : INT64_MAX));
}

/* Figures that are kept as doubles, but are bytes. */
static json_t *bytes(double n)
{
    return n < 0 ? json_null() : count(n < 9e18 ? (uint64_t)n : INT64_MAX);
}

/* JSON knows no infinity, and a forged ledger can make one. */
static json_t *real(double n)
{
    return isfinite(n) ? json_real(n) : json_null();
}

static json_t *count_or_null(uint64_t n)
{
    return n ? count(n) : json_null();
}

static json_t *seconds_of_ms(uint64_t ms)
{
    return real((double)ms / 1000);
}

/* ---- headline, process, recorder, memory, totals ---- */

static json_t *headline_of(const struct report *r)
{
    char *line = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&line, &size);
    if (out) {
        report_verdict(r, out);
        fclose(out);
    }
    json_t *value = text(line);
    free(line);
    return value;
}

static json_t *started(const struct ledger_header *head)
{
    char utc[64];
    time_t seconds = (time_t)(head->started_ns / 1000000000);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm))
        return json_null();
    size_t length = strftime(utc, sizeof utc, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(utc + length, sizeof utc - length, ".%03" PRIu64 "Z", head->started_ns / 1000000 % 1000);
    return json_string(utc);
}

/* The recorder keeps some KiB of a command; a forged one may be all there is of text. */
#define MOST_COMMAND (UINT32_C(1) << 16)

static json_t *command_of(const struct report *r)
{
    json_t *list = json_array();
    uint32_t offset = r->head.command, end = offset + MOST_COMMAND;
    for (const char *argument = ledger_text(r->ledger, offset); *argument && offset < end;
         argument = ledger_text(r->ledger, offset)) {
        json_array_append_new(list, text(argument));
        offset += (uint32_t)strlen(argument) + 1;
    }
    return list;
}

static json_t *children(const struct report *r)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->children.count; i++) {
        const struct child *c = &r->children.items[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "pid", count(c->pid), "program",
                                              text(c->program), "growing", count(c->growing)));
    }
    return list;
}

static json_t *process_of_report(const struct report *r)
{
    const struct process *p = &r->process;
    bool has_status = p->end == PROCESS_EXITED && p->exit_status >= 0;
    json_t *o = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "pid", count(r->head.pid), "parent_pid",
        count(r->head.parent_pid), "children", children(r), "command", command_of(r), "program",
        text(r->head.program), "executable", text_or_null(ledger_text(r->ledger, r->head.executable)),
        "started", started(&r->head), "duration_s", seconds_of_ms(p->age_ms), "ended",
        process_end_name(p->end), "exit_status", has_status ? json_integer(p->exit_status) : json_null());
    if (o && p->signal)
        json_object_set_new(o, "signal", json_integer(p->signal));
    return o;
}

static void add_note(void *list, const char *note)
{
    json_array_append_new(list, text(note));
}

static json_t *recorder_of(const struct report *r)
{
    json_t *losses = json_object();
    for (int kind = 0; kind < LOSS_RANGE; kind++) {
        const char *name = loss_name((enum loss)kind);
        if (r->head.losses[kind] && name)
            json_object_set_new(losses, name, count(r->head.losses[kind]));
    }
    if (r->findings.totals.in_flight)
        json_object_set_new(losses, "in_flight", count(r->findings.totals.in_flight));
    json_t *notes = json_array();
    notes_of(r, add_note, notes);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "version", text(r->head.version_text), "sample_bytes",
                     count(r->head.sample_bytes), "min_bytes", count(r->head.min_bytes), "depth",
                     count(r->head.depth), "losses", losses, "notes", notes);
}

static json_t *memory_of_report(const struct report *r)
{
    const struct memory *m = &r->memory;
    const struct totals *t = &r->findings.totals;
    struct makeup makeup = report_makeup(r);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "rss_bytes",
                     count_or_null(m->rss_bytes), "peak_rss_bytes", count_or_null(m->peak_rss_bytes),
                     "tracked_bytes", count(t->live_bytes), "heap_bytes", count(t->heap_bytes), "mmap_bytes",
                     count(t->mmap_bytes), "retained_bytes", bytes(makeup.retained), "untouched_bytes",
                     bytes(makeup.untouched), "other_bytes", bytes(makeup.other), "limit_bytes",
                     count_or_null(m->limit_bytes), "recorder_bytes",
                     m->anonymous_known ? count(m->recorder_bytes) : json_null(), "shared_bytes",
                     m->anonymous_known ? count(m->shared_bytes) : json_null());
}

static json_t *totals_of(const struct report *r)
{
    const struct totals *t = &r->findings.totals;
    uint64_t peak = r->head.peak_live_bytes > 0 ? (uint64_t)r->head.peak_live_bytes : 0;
    if (peak < t->live_bytes) /* the recorder looks at ticks only */
        peak = t->live_bytes;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "sites", count(t->sites),
                     "growing", count(r->findings.growing), "allocations", count(t->allocations), "frees",
                     count(t->frees), "allocated_bytes", count(t->allocated_bytes), "freed_bytes",
                     count(t->freed_bytes), "live_bytes", count(t->live_bytes), "peak_live_bytes",
                     count(peak), "growing_runtimes", count(r->runtimes.growing), "growing_groups",
                     count(r->groups.growing), "excluded_allocations", count(t->excluded_allocations),
                     "excluded_live_bytes", count(t->excluded_live_bytes));
}

/* ---- sites ---- */

static void add_window(json_t *list, uint64_t end_ms, const struct window *w)
{
    json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "t_s", seconds_of_ms(end_ms), "low",
                                          bytes((double)w->low), "high", bytes((double)w->high)));
}

/* t_s is where a window ends, in seconds since the start of the process; the last one is still open. */
static json_t *history_of(const struct history *h)
{
    json_t *list = json_array();
    for (uint32_t i = 0; h && i < h->count; i++)
        add_window(list, h->start_ms + (i + 1) * h->width_ms, &h->closed[i]);
    if (h && h->last_ms > h->open_ms)
        add_window(list, h->last_ms, &h->open);
    return list;
}

static json_t *frame_of(const struct call *call)
{
    const struct symbol *s = call->symbol;
    json_t *module = call->spot->key.module ? text(call->spot->module) : json_string("");
    return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "function", text(s->function), "file",
                     text(s->file), "line", count_or_null(s->line), "inlined", s->inlined, "module", module,
                     "offset", count(call->spot->key.offset), "build_id", text_or_null(call->spot->build_id));
}

static json_t *number_of(const struct writer *w, const struct call *call)
{
    uint32_t known = frames_count(w->frames), number = frames_number(w->frames, call->symbol);
    if (number < known)
        return json_integer(number);
    fputs(known ? ",\n" : "\n", w->list);
    return dump(w, frame_of(call), w->list, 0) == 0 ? json_integer(number) : NULL;
}

static json_t *frames_of(struct writer *w, const struct stack *stack)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < stack->count && w->room; i++, w->room--) {
        const struct call *call = &stack->calls[i];
        json_array_append_new(list, w->frames ? number_of(w, call) : frame_of(call));
    }
    return list;
}

static json_t *first_flagged(const struct finding *f)
{
    return f->history && f->history->first_flagged_ms ? seconds_of_ms(f->history->first_flagged_ms - 1)
                                                      : json_null();
}

static json_t *seconds_or_null(double seconds)
{
    return seconds >= 0 ? real(seconds) : json_null();
}

/* What one allocation adds on average: the share that stays times the average size. */
static double growth_per_allocation(const struct finding *f)
{
    return f->sums.allocations
               ? f->judgement.bytes_per_byte * (double)f->sums.allocated_bytes / (double)f->sums.allocations
               : 0;
}

static json_t *suppressed_by(const struct finding *f)
{
    char *reason = NULL;
    if (f->suppressed_by && asprintf(&reason, "leak:%s", f->suppressed_by) < 0)
        return NULL;
    if (!reason)
        return f->kept_on_purpose ? json_sprintf("kept on purpose (%s)", f->kept_on_purpose->what)
                                  : json_null();
    json_t *value = text(reason); /* the user's, and perhaps no UTF-8 */
    free(reason);
    return value;
}

static json_t *site_of(struct report *r, uint32_t i, struct writer *w)
{
    static const struct stack none = {.cut = true};
    const struct finding *f = &r->findings.items[i];
    const char *shape = f->verdict == VERDICT_GROWING ? shape_name(f->judgement.shape) : NULL;
    double rate = f->verdict == VERDICT_GROWING ? f->judgement.bytes_per_s : 0;
    json_t *o = json_pack("{s:o, s:s, s:s, s:o, s:o}", "id", count(f->site), "kind",
                          f->kind == SITE_MMAP ? "mmap" : "heap", "verdict", verdict_name(f->verdict),
                          "shape", text(shape), "confidence", real((double)f->judgement.confidence));
    json_t *counts =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "live_bytes", count(f->sums.live_bytes),
                  "live_blocks", count(f->sums.live_blocks), "peak_bytes", bytes(f->peak_bytes),
                  "allocations", count(f->sums.allocations), "frees", count(f->sums.frees), "allocated_bytes",
                  count(f->sums.allocated_bytes), "freed_bytes", count(f->sums.freed_bytes));
    json_t *growth = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:b, s:b}", "from_bytes", bytes(f->from_bytes), "to_bytes",
        bytes(f->live_bytes), "growth_bytes_per_s", real(rate), "growth_bytes_per_allocation",
        real(rate > 0 ? growth_per_allocation(f) : 0.0), "first_flagged_s", first_flagged(f),
        "seconds_to_limit", seconds_or_null(report_seconds_to_limit(r, rate)), "suppressed", f->suppressed,
        "suppressed_by", suppressed_by(f), "known_from_baseline", f->known, "freed_at_end", f->freed_at_end);
    const struct stack *stack = w->room ? report_stack(r, i) : &none;
    const struct runtime *owner = runtimes_owner(&r->runtimes, f);
    json_t *rest = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "history", history_of(f->history), "growth_by_phase",
        growth_by_phase(r, f), "named", stack->count ? json_integer(stack->named) : json_null(),
        "suppress_with", text_or_null(stack_suppression(stack)), "stack", frames_of(w, stack), "stack_cut",
        stack->cut || !w->room, "runtime", text(owner ? owner->lens->name : NULL), "container_of",
        f->holds ? count(f->holds) : json_null());
    if (o) {
        json_object_update_new(o, counts);
        json_object_update_new(o, growth);
        json_object_update_new(o, rest);
    }
    return o;
}

static int write_sites(struct report *r, struct writer *w)
{
    bool first = true;
    for (uint32_t i = 0; i < r->findings.count; i++) {
        if (r->findings.items[i].small)
            continue;
        fputs(first ? "\n" : ",\n", w->out);
        if (dump(w, site_of(r, i, w), w->out, 0) != 0)
            return -1;
        report_forget_stack(r, i);
        first = false;
    }
    return 0;
}

/* ---- what the program told ---- */

/* Of figures that go up and down. */
static json_t *change(double bytes)
{
    return json_integer(bytes < 9e18 && bytes > -9e18 ? (json_int_t)bytes
                        : bytes > 0                   ? INT64_MAX
                                                      : -INT64_MAX);
}

static json_t *mark_name(const char *name, bool others)
{
    return others ? json_string("(others)") : text_or_null(name);
}

static json_t *phases_of(const struct report *r)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->marks.phases_count; i++) {
        const struct phase *p = &r->marks.phases[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "name", mark_name(p->name, p->others),
                                              "times", count(p->times), "duration_s", seconds_of_ms(p->ms),
                                              "live_bytes_change", change(p->live_bytes)));
    }
    return list;
}

static json_t *threads_of(const struct report *r)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->marks.threads_count; i++) {
        const struct named_thread *t = &r->marks.threads[i];
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o}", "name", mark_name(t->name, t->others), "threads",
                                        count(t->threads), "live_bytes_change", change(t->live_bytes)));
    }
    return list;
}

static json_t *growth_by_phase(const struct report *r, const struct finding *f)
{
    double growth[LEDGER_MARKS];
    if (!marks_growth(&r->marks, f, r->process.judged_ms, growth))
        return json_null();
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->marks.phases_count; i++) {
        const struct phase *p = &r->marks.phases[i];
        json_array_append_new(list, json_pack("{s:o, s:o}", "phase", mark_name(p->name, p->others), "bytes",
                                              change(growth[i])));
    }
    return list;
}

/* ---- runtimes ---- */

static json_t *callers_of(const struct runtime *rt)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < rt->callers_count; i++) {
        const struct caller *c = &rt->callers[i];
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "function", text(c->call.symbol->function),
                            "file", text(c->call.symbol->file), "line", count_or_null(c->call.symbol->line),
                            "bytes", bytes(c->bytes), "share", real(c->share), "site", count(c->site)));
    }
    return list;
}

static json_t *runtime_of(const struct report *r, const struct runtime *rt)
{
    const struct judgement *j = &rt->judgement;
    bool grows = rt->growing || rt->suppressed;
    json_t *o = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:b, s:b}", "name", rt->lens->name,
                          "heap", rt->lens->heap, "verdict",
                          grows                           ? "growing"
                          : j->verdict == VERDICT_GROWING ? "undecided" /* too small */
                                                          : verdict_name(j->verdict),
                          "shape", text(grows ? shape_name(j->shape) : NULL), "confidence",
                          real((double)j->confidence), "growth_bytes_per_s", real(grows ? j->bytes_per_s : 0),
                          "suppressed", rt->suppressed, "known_from_baseline", rt->known, "freed_at_end",
                          j->freed_at_end, "exact", rt->lens->exact);
    json_t *rest =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "live_bytes", bytes(rt->live_bytes), "peak_bytes",
                  bytes(rt->peak_bytes), "page_requests", count(rt->requests), "sites", count(rt->members),
                  "callers", callers_of(rt), "history", history_of(&rt->history));
    const char *hint = rt->lens->hint(r, rt->callers_count > 0);
    if (o) {
        json_object_update_new(o, rest);
        json_object_set_new(o, "hint", text(hint));
    }
    return o;
}

static json_t *runtimes_of_report(const struct report *r)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->runtimes.count; i++)
        json_array_append_new(list, runtime_of(r, &r->runtimes.items[i]));
    return list;
}

/* ---- groups ---- */

static json_t *group_of(const struct group *g)
{
    const struct symbol *s = group_call(g)->symbol;
    json_t *o =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "function", text(s->function), "file", text(s->file),
                  "line", count_or_null(s->line), "module", text(group_call(g)->spot->module), "stacks",
                  count(g->stacks), "strongest_site", count(g->strongest), "known_from_baseline", g->known);
    json_t *rest =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "verdict", "growing", "shape",
                  text(shape_name(g->judgement.shape)), "confidence", real((double)g->judgement.confidence),
                  "growth_bytes_per_s", real(g->judgement.bytes_per_s), "from_bytes", bytes(g->from_bytes),
                  "live_bytes", bytes(g->live_bytes), "live_blocks", count(g->live_blocks), "history",
                  history_of(&g->history));
    if (o)
        json_object_update_new(o, rest);
    return o;
}

static json_t *groups_of_report(const struct report *r)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->groups.count; i++)
        json_array_append_new(list, group_of(&r->groups.items[i]));
    return list;
}
