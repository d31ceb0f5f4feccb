/* The JSON report, schema leakwatch-report/1. Fields are only ever added. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format.h"
#include "frames.h"
#include "json_parts.h"
#include "json_values.h"
#include "loss.h"
#include "notes.h"
#include "report.h"
#include "suppressions.h"

static json_t *headline_of(const struct report *r);
static json_t *process_of_report(const struct report *r);
static json_t *recorder_of(const struct report *r);
static json_t *memory_of_report(const struct report *r);
static json_t *totals_of(const struct report *r);

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
    json_t *rest = json_pack("{s:o*, s:o*, s:o*, s:o*}", "runtimes", part_runtimes(r), "groups",
                             part_groups(r), "phases", part_phases(r), "threads", part_threads(r));
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
    json_t *value = value_text(line);
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
        json_array_append_new(list, value_text(argument));
        offset += (uint32_t)strlen(argument) + 1;
    }
    return list;
}

static json_t *children(const struct report *r)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->children.count; i++) {
        const struct child *c = &r->children.items[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "pid", value_count(c->pid), "program",
                                              value_text(c->program), "growing", value_count(c->growing)));
    }
    return list;
}

static json_t *process_of_report(const struct report *r)
{
    const struct process *p = &r->process;
    bool has_status = p->end == PROCESS_EXITED && p->exit_status >= 0;
    json_t *o =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "pid", value_count(r->head.pid),
                  "parent_pid", value_count(r->head.parent_pid), "children", children(r), "command",
                  command_of(r), "program", value_text(r->head.program), "executable",
                  value_text_or_null(ledger_text(r->ledger, r->head.executable)), "started",
                  started(&r->head), "duration_s", value_ms(p->age_ms), "ended", process_end_name(p->end),
                  "exit_status", has_status ? json_integer(p->exit_status) : json_null());
    if (o && p->signal)
        json_object_set_new(o, "signal", json_integer(p->signal));
    return o;
}

static void add_note(void *list, const char *note)
{
    json_array_append_new(list, value_text(note));
}

static json_t *recorder_of(const struct report *r)
{
    json_t *losses = json_object();
    for (int kind = 0; kind < LOSS_RANGE; kind++) {
        const char *name = loss_name((enum loss)kind);
        if (r->head.losses[kind] && name)
            json_object_set_new(losses, name, value_count(r->head.losses[kind]));
    }
    if (r->findings.totals.in_flight)
        json_object_set_new(losses, "in_flight", value_count(r->findings.totals.in_flight));
    json_t *notes = json_array();
    notes_of(r, add_note, notes);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "version", value_text(r->head.version_text),
                     "sample_bytes", value_count(r->head.sample_bytes), "min_bytes",
                     value_count(r->head.min_bytes), "depth", value_count(r->head.depth), "losses", losses,
                     "notes", notes);
}

static json_t *memory_of_report(const struct report *r)
{
    const struct memory *m = &r->memory;
    const struct totals *t = &r->findings.totals;
    struct makeup makeup = report_makeup(r);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "rss_bytes",
                     value_count_or_null(m->rss_bytes), "peak_rss_bytes",
                     value_count_or_null(m->peak_rss_bytes), "tracked_bytes", value_count(t->live_bytes),
                     "heap_bytes", value_count(t->heap_bytes), "mmap_bytes", value_count(t->mmap_bytes),
                     "retained_bytes", value_bytes(makeup.retained), "untouched_bytes",
                     value_bytes(makeup.untouched), "other_bytes", value_bytes(makeup.other), "limit_bytes",
                     value_count_or_null(m->limit_bytes), "recorder_bytes",
                     m->anonymous_known ? value_count(m->recorder_bytes) : json_null(), "shared_bytes",
                     m->anonymous_known ? value_count(m->shared_bytes) : json_null());
}

static json_t *totals_of(const struct report *r)
{
    const struct totals *t = &r->findings.totals;
    uint64_t peak = r->head.peak_live_bytes > 0 ? (uint64_t)r->head.peak_live_bytes : 0;
    if (peak < t->live_bytes) /* the recorder looks at ticks only */
        peak = t->live_bytes;
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "sites", value_count(t->sites),
        "growing", value_count(r->findings.growing), "allocations", value_count(t->allocations), "frees",
        value_count(t->frees), "allocated_bytes", value_count(t->allocated_bytes), "freed_bytes",
        value_count(t->freed_bytes), "live_bytes", value_count(t->live_bytes), "peak_live_bytes",
        value_count(peak), "growing_runtimes", value_count(r->runtimes.growing), "growing_groups",
        value_count(r->groups.growing), "excluded_allocations", value_count(t->excluded_allocations),
        "excluded_live_bytes", value_count(t->excluded_live_bytes));
}

/* ---- sites ---- */

static json_t *number_of(const struct writer *w, const struct call *call)
{
    uint32_t known = frames_count(w->frames), number = frames_number(w->frames, call->symbol);
    if (number < known)
        return json_integer(number);
    fputs(known ? ",\n" : "\n", w->list);
    return dump(w, part_frame(call), w->list, 0) == 0 ? json_integer(number) : NULL;
}

static json_t *frames_of(struct writer *w, const struct stack *stack)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < stack->count && w->room; i++, w->room--) {
        const struct call *call = &stack->calls[i];
        json_array_append_new(list, w->frames ? number_of(w, call) : part_frame(call));
    }
    return list;
}

static json_t *first_flagged(const struct finding *f)
{
    return f->history && f->history->first_flagged_ms ? value_ms(f->history->first_flagged_ms - 1)
                                                      : json_null();
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
    json_t *value = value_text(reason); /* the user's, and perhaps no UTF-8 */
    free(reason);
    return value;
}

static json_t *site_of(struct report *r, uint32_t i, struct writer *w)
{
    static const struct stack none = {.cut = true};
    const struct finding *f = &r->findings.items[i];
    const char *shape = f->verdict == VERDICT_GROWING ? shape_name(f->judgement.shape) : NULL;
    double rate = f->verdict == VERDICT_GROWING ? f->judgement.bytes_per_s : 0;
    json_t *o =
        json_pack("{s:o, s:s, s:s, s:o, s:o}", "id", value_count(f->site), "kind",
                  f->kind == SITE_MMAP ? "mmap" : "heap", "verdict", verdict_name(f->verdict), "shape",
                  value_text(shape), "confidence", value_real((double)f->judgement.confidence));
    json_t *counts = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "live_bytes", value_count(f->sums.live_bytes), "live_blocks",
        value_count(f->sums.live_blocks), "peak_bytes", value_bytes(f->peak_bytes), "allocations",
        value_count(f->sums.allocations), "frees", value_count(f->sums.frees), "allocated_bytes",
        value_count(f->sums.allocated_bytes), "freed_bytes", value_count(f->sums.freed_bytes));
    json_t *growth = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:b, s:b}", "from_bytes", value_bytes(f->from_bytes),
        "to_bytes", value_bytes(f->live_bytes), "growth_bytes_per_s", value_real(rate),
        "growth_bytes_per_allocation", value_real(rate > 0 ? growth_per_allocation(f) : 0.0),
        "first_flagged_s", first_flagged(f), "seconds_to_limit",
        value_seconds_or_null(report_seconds_to_limit(r, rate)), "suppressed", f->suppressed, "suppressed_by",
        suppressed_by(f), "known_from_baseline", f->known, "freed_at_end", f->freed_at_end);
    const struct stack *stack = w->room ? report_stack(r, i) : &none;
    const struct runtime *owner = runtimes_owner(&r->runtimes, f);
    json_t *rest = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "history", value_history(f->history), "growth_by_phase",
        part_growth_by_phase(r, f), "named", stack->count ? json_integer(stack->named) : json_null(),
        "suppress_with", value_text_or_null(stack_suppression(stack)), "stack", frames_of(w, stack),
        "stack_cut", stack->cut || !w->room, "runtime", value_text(owner ? owner->lens->name : NULL),
        "container_of", f->holds ? value_count(f->holds) : json_null());
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
