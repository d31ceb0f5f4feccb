/* See text.h. A runtime that grows: its figures, its curve, who asked for its pages. */
#include "format.h"
#include "text.h"
#include "wrappers.h"

/* Functions below this share are not worth a line. */
#define LEAST_SHARE 0.01
#define MOST_FRAMES 16u
#define COLUMNS     36u

static void print_figures(const struct text *t, const struct runtime *rt)
{
    const char *shape = shape_name(rt->judgement.shape);
    fprintf(t->out, "  %s   %s   %s -> %s   %s   %s %s at %s sites   confidence %.2f%s\n",
            shape ? shape : "growing", format_rate(rt->judgement.bytes_per_s).text,
            format_bytes(rt->from_bytes).text, format_bytes(rt->live_bytes).text, rt->lens->heap,
            format_count(rt->requests).text, rt->lens->exact ? "blocks" : "page requests",
            format_count(rt->members).text, (double)rt->judgement.confidence,
            rt->judgement.freed_at_end ? "   (freed at the end)" : "");
}

/* Of the strongest caller's stack what the program's author wrote; with --all-frames everything. */
static void print_stack(const struct text *t, struct report *r, const struct runtime *rt)
{
    uint32_t site = rt->callers_count ? rt->callers[0].site : rt->strongest, shown = 0;
    const struct stack *stack = report_stack(r, report_finding_of(r, site));
    bool folded = !r->all_frames && rt->callers_count;
    for (uint32_t i = stack->named; i < stack->count; i++) {
        const struct call *call = &stack->calls[i];
        if (folded ? !rt->lens->is_program(call) : wrappers_is_start(call->symbol->function))
            continue;
        if (shown == MOST_FRAMES && !r->all_frames) {
            fputs("          ... (--all-frames shows all)\n", t->out);
            return;
        }
        text_call(t, stack, i, COLUMNS, shown++ == 0);
    }
}

static void print_callers(const struct text *t, const struct report *r, const struct runtime *rt)
{
    double named = 0;
    fputs(rt->lens->exact ? "    who allocated it (every block is counted):\n"
                          : "    who asked for its pages (samples by page request, not an exact count):\n",
          t->out);
    for (uint32_t i = 0; i < rt->callers_count && i < r->top; i++) {
        const struct caller *c = &rt->callers[i];
        if (c->share < LEAST_SHARE)
            break;
        fprintf(t->out, "        %3.0f %%  ", c->share * 100);
        text_call_place(t, &c->call);
        fputc('\n', t->out);
        named += c->share;
    }
    if (named < 1 - LEAST_SHARE)
        fprintf(t->out, "        %3.0f %%  (%s below no %s)\n", (1 - named) * 100,
                rt->lens->exact ? "blocks" : "requests by the collector, or", rt->lens->program);
}

static void print_suppression(const struct text *t, const struct runtime *rt)
{
    const char *function = rt->callers_count ? rt->callers[0].call.symbol->function : rt->lens->heap;
    text_paint(t, PAINT_DIM);
    fputs("    suppress with  leak:", t->out);
    format_text(t->out, function);
    text_plain(t);
    fputc('\n', t->out);
}

void text_runtime(const struct text *t, struct report *r, const struct runtime *rt, uint32_t number)
{
    const char *hint = rt->lens->hint(r, rt->callers_count > 0);
    fprintf(t->out, "\n#%u  ", number);
    text_paint(t, PAINT_RED);
    fputs("GROWING", t->out);
    text_plain(t);
    print_figures(t, rt);
    text_curve(t, r, &rt->history);
    print_stack(t, r, rt);
    print_callers(t, r, rt);
    if (hint)
        fprintf(t->out, "    to see more: %s\n", hint);
    print_suppression(t, rt);
}
