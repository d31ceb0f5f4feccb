/* See json_parts.h. */
#include "json_parts.h"

#include "json_values.h"
#include "report.h"

json_t *part_frame(const struct call *call)
{
    const struct symbol *s = call->symbol;
    json_t *module = call->spot->key.module ? value_text(call->spot->module) : json_string("");
    return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "function", value_text(s->function), "file",
                     value_text(s->file), "line", value_count_or_null(s->line), "inlined", s->inlined,
                     "module", module, "offset", value_count(call->spot->key.offset), "build_id",
                     value_text_or_null(call->spot->build_id));
}

/* ---- what the program told ---- */

static json_t *mark_name(const char *name, bool others)
{
    return others ? json_string("(others)") : value_text_or_null(name);
}

json_t *part_phases(const struct report *r)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->marks.phases_count; i++) {
        const struct phase *p = &r->marks.phases[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "name", mark_name(p->name, p->others),
                                              "times", value_count(p->times), "duration_s", value_ms(p->ms),
                                              "live_bytes_change", value_change(p->live_bytes)));
    }
    return list;
}

json_t *part_threads(const struct report *r)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->marks.threads_count; i++) {
        const struct named_thread *t = &r->marks.threads[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "name", mark_name(t->name, t->others),
                                              "threads", value_count(t->threads), "live_bytes_change",
                                              value_change(t->live_bytes)));
    }
    return list;
}

json_t *part_growth_by_phase(const struct report *r, const struct finding *f)
{
    double growth[LEDGER_MARKS];
    if (!marks_growth(&r->marks, f, r->process.judged_ms, growth))
        return json_null();
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->marks.phases_count; i++) {
        const struct phase *p = &r->marks.phases[i];
        json_array_append_new(list, json_pack("{s:o, s:o}", "phase", mark_name(p->name, p->others), "bytes",
                                              value_change(growth[i])));
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
            list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "function",
                            value_text(c->call.symbol->function), "file", value_text(c->call.symbol->file),
                            "line", value_count_or_null(c->call.symbol->line), "bytes", value_bytes(c->bytes),
                            "share", value_real(c->share), "site", value_count(c->site)));
    }
    return list;
}

static json_t *runtime_of(const struct report *r, const struct runtime *rt)
{
    const struct judgement *j = &rt->judgement;
    bool grows = rt->growing || rt->suppressed;
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:b, s:b}", "name", rt->lens->name, "heap",
                  rt->lens->heap, "verdict",
                  grows                           ? "growing"
                  : j->verdict == VERDICT_GROWING ? "undecided" /* too small */
                                                  : verdict_name(j->verdict),
                  "shape", value_text(grows ? shape_name(j->shape) : NULL), "confidence",
                  value_real((double)j->confidence), "growth_bytes_per_s",
                  value_real(grows ? j->bytes_per_s : 0), "suppressed", rt->suppressed, "known_from_baseline",
                  rt->known, "freed_at_end", j->freed_at_end, "exact", rt->lens->exact);
    json_t *rest = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "live_bytes", value_bytes(rt->live_bytes),
                             "peak_bytes", value_bytes(rt->peak_bytes), "page_requests",
                             value_count(rt->requests), "sites", value_count(rt->members), "callers",
                             callers_of(rt), "history", value_history(&rt->history));
    const char *hint = rt->lens->hint(r, rt->callers_count > 0);
    if (o) {
        json_object_update_new(o, rest);
        json_object_set_new(o, "hint", value_text(hint));
    }
    return o;
}

json_t *part_runtimes(const struct report *r)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->runtimes.count; i++)
        json_array_append_new(list, runtime_of(r, &r->runtimes.items[i]));
    return list;
}

/* ---- groups ---- */

#define MOST_FRAMES 64u /* of a group; a forged ledger may have a thousand groups */

/* Of the strongest, from the call that all have in common on. */
static json_t *frames_of(const struct group *g)
{
    json_t *list = json_array();
    for (uint32_t i = g->at; i < g->stack.count && i - g->at < MOST_FRAMES; i++)
        json_array_append_new(list, part_frame(&g->stack.calls[i]));
    return list;
}

static json_t *group_of(const struct group *g)
{
    const struct symbol *s = group_call(g)->symbol;
    json_t *o = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "function", value_text(s->function), "file",
                          value_text(s->file), "line", value_count_or_null(s->line), "module",
                          value_text(group_call(g)->spot->module), "stacks", value_count(g->stacks),
                          "strongest_site", value_count(g->strongest), "known_from_baseline", g->known);
    json_t *rest = json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "verdict", "growing", "shape",
        value_text(shape_name(g->judgement.shape)), "confidence", value_real((double)g->judgement.confidence),
        "growth_bytes_per_s", value_real(g->judgement.bytes_per_s), "from_bytes", value_bytes(g->from_bytes),
        "live_bytes", value_bytes(g->live_bytes), "live_blocks", value_count(g->live_blocks), "history",
        value_history(&g->history), "stack", frames_of(g));
    if (o)
        json_object_update_new(o, rest);
    return o;
}

json_t *part_groups(const struct report *r)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->groups.count; i++)
        json_array_append_new(list, group_of(&r->groups.items[i]));
    return list;
}
