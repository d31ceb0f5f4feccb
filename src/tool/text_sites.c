/* See text.h. One site: its figures, its curve, its stack. */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "text.h"
#include "wrappers.h"

/* A stack is shown from the call that names the site. Deeper frames are in the JSON. */
#define MOST_CALLS        24
#define SPARKLINE_COLUMNS 16
/* Functions are aligned up to this width; longer C++ names push their line's file to the right. */
#define NAME_COLUMNS       44
#define LEAST_NAME_COLUMNS 18

static void print_stack(const struct text *t, const struct stack *stack);

/* ---- names ---- */

/* A C++ name that would fill the line is shown without its template arguments. */
#define LONG_NAME 60

/* The function; or what is known instead of it. free() it. */
static char *function_text(const struct call *call)
{
    const char *function = call->symbol->function;
    return function && strlen(function) > LONG_NAME ? format_short_name(function) : stack_call_name(call);
}

/* Returns the columns it took. */
static uint32_t print_function(FILE *out, const struct call *call)
{
    char *text = function_text(call);
    uint32_t width = text ? format_width(text) : 0;
    if (out && text)
        format_text(out, text);
    free(text);
    return width;
}

static uint32_t function_width(const struct call *call)
{
    return print_function(NULL, call);
}

/* "src/cache.c:88", or the module when there are no lines; nothing when the function says it already. */
static void print_location(FILE *out, const struct call *call)
{
    const struct symbol *symbol = call->symbol;
    if (symbol->short_file) {
        format_text(out, symbol->short_file);
        if (symbol->line)
            fprintf(out, ":%u", symbol->line);
    } else if (symbol->function) {
        format_text(out, call->spot->name[0] ? call->spot->name : "(jit)");
    }
}

void text_place(const struct text *t, struct report *r, uint32_t finding)
{
    const struct call *call = stack_named(report_stack(r, finding));
    if (!call) {
        fputs("(untracked)", t->out);
        return;
    }
    text_call_place(t, call);
}

void text_call_place(const struct text *t, const struct call *call)
{
    print_function(t->out, call);
    if (call->symbol->function) {
        fputc(' ', t->out);
        print_location(t->out, call);
    }
}

/* ---- a growing site ---- */

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void print_figures(const struct text *t, const struct finding *f)
{
    const char *shape = shape_name(f->judgement.shape);
    fprintf(t->out, "  %s   %s   %s -> %s   %s block%s live of %s   confidence %.2f%s%s\n",
            shape ? shape : "growing", format_rate(f->judgement.bytes_per_s).text,
            format_bytes(f->from_bytes).text, format_bytes(f->live_bytes).text,
            format_count(f->sums.live_blocks).text, plural(f->sums.live_blocks),
            format_count(f->sums.allocations).text, (double)f->judgement.confidence,
            f->kind == SITE_MMAP ? "   (mmap)" : "", f->freed_at_end ? "   (freed at the end)" : "");
}

static void print_suppression(const struct text *t, const struct stack *stack)
{
    const char *pattern = stack_suppression(stack);
    if (!*pattern)
        return;
    text_paint(t, PAINT_DIM);
    fputs("    suppress with  leak:", t->out);
    format_text(t->out, pattern);
    text_plain(t);
    fputc('\n', t->out);
}

/* "held by  grow_array array.c:19  +870 KiB/s, 5.1 MiB" */
static void print_container(const struct text *t, struct report *r, uint32_t finding)
{
    const struct finding *f = &r->findings.items[finding];
    fputs("    held by  ", t->out);
    text_place(t, r, finding);
    fprintf(t->out, "  %s, %s\n", format_rate(f->judgement.bytes_per_s).text,
            format_bytes(f->live_bytes).text);
}

void text_growing(const struct text *t, struct report *r, uint32_t finding, uint32_t number,
                  const struct company *company)
{
    const struct finding *f = &r->findings.items[finding];
    const struct stack *stack = report_stack(r, finding);
    fprintf(t->out, "\n#%u  ", number);
    text_paint(t, PAINT_RED);
    fputs("GROWING", t->out);
    text_plain(t);
    print_figures(t, f);
    if (f->history)
        text_curve(t, r, f->history);
    text_growth_by_phase(t, r, f);
    print_stack(t, stack);
    if (company->others)
        fprintf(t->out, "    also through %s other stack%s to this place  (%s)\n",
                format_count(company->others).text, plural(company->others),
                format_rate(company->bytes_per_s).text);
    if (company->held_by)
        print_container(t, r, company->held_by - 1);
    print_suppression(t, stack);
}

void text_curve(const struct text *t, const struct report *r, const struct history *h)
{
    double values[HISTORY_WINDOWS + 1];
    uint32_t count = 0;
    for (uint32_t i = 0; i < h->count; i++)
        values[count++] = ((double)h->closed[i].low + (double)h->closed[i].high) / 2;
    values[count++] = (double)h->last_live;
    fputs("    live  ", t->out);
    format_sparkline(t->out, values, count, SPARKLINE_COLUMNS);
    double seconds = (double)(r->process.judged_ms -
                              (r->process.judged_ms < h->start_ms ? r->process.judged_ms : h->start_ms)) /
                     1000;
    fprintf(t->out, "   %s\n", format_seconds(seconds).text);
}

/* ---- stacks ---- */

static uint32_t name_columns(const struct stack *stack, uint32_t from, uint32_t end)
{
    uint32_t columns = LEAST_NAME_COLUMNS;
    for (uint32_t i = from; i < end; i++) {
        uint32_t width = function_width(&stack->calls[i]);
        columns = width > columns ? width : columns;
    }
    return columns < NAME_COLUMNS ? columns : NAME_COLUMNS;
}

/* The call whose function an inlined one became a part of: the next that is not inlined itself. */
static const struct call *inlined_into(const struct stack *stack, uint32_t i)
{
    while (i + 1 < stack->count && stack->calls[i].symbol->inlined)
        i++;
    return &stack->calls[i];
}

void text_call(const struct text *t, const struct stack *stack, uint32_t i, uint32_t columns, bool bold)
{
    const struct call *call = &stack->calls[i];
    fputs("          ", t->out);
    if (bold)
        text_paint(t, PAINT_BOLD);
    uint32_t width = print_function(t->out, call);
    text_plain(t);
    if (call->symbol->function) {
        fprintf(t->out, "%*s  ", width < columns ? (int)(columns - width) : 0, "");
        print_location(t->out, call);
    }
    if (call->symbol->inlined) {
        fputs("  (inlined into ", t->out);
        print_function(t->out, inlined_into(stack, i));
        fputc(')', t->out);
    }
    fputs(call->recursive ? "  (recursive)\n" : "\n", t->out);
}

/* The main that rustc writes: it has no lines, and the runtime is what it calls. */
static bool is_made_main(const struct stack *stack, uint32_t i)
{
    const char *function = stack->calls[i].symbol->function;
    return function && strcmp(function, "main") == 0 && !stack->calls[i].symbol->file &&
           wrappers_is_start(stack->calls[i - 1].symbol->function);
}

/* Where the program's own frames end. */
static uint32_t end_of(const struct stack *stack)
{
    uint32_t end = stack->count;
    while (end > stack->named + 1 &&
           (wrappers_is_start(stack->calls[end - 1].symbol->function) || is_made_main(stack, end - 1)))
        end--;
    return end;
}

static void print_stack(const struct text *t, const struct stack *stack)
{
    text_stack(t, stack, stack->named);
}

void text_stack(const struct text *t, const struct stack *stack, uint32_t from)
{
    uint32_t all = end_of(stack), end = all;
    if (stack->count == 0) {
        fputs("          (untracked)\n", t->out);
        return;
    }
    end = end > from ? end : from + 1;
    if (end - from > MOST_CALLS)
        end = from + MOST_CALLS;
    uint32_t columns = name_columns(stack, from, end);
    for (uint32_t i = from; i < end; i++)
        text_call(t, stack, i, columns, i == from);
    if (end < all)
        fprintf(t->out, "          ... %u more frames (--format json has all)\n", all - end);
    else if (stack->cut)
        fputs("          ... (the stack was cut here)\n", t->out);
}

void text_live(const struct text *t, struct report *r, uint32_t finding, uint32_t number)
{
    const struct finding *f = &r->findings.items[finding];
    fprintf(t->out, "\n#%u  live %s   %s block%s of %s%s\n", number, format_bytes(f->live_bytes).text,
            format_count(f->sums.live_blocks).text, plural(f->sums.live_blocks),
            format_count(f->sums.allocations).text, f->kind == SITE_MMAP ? "   (mmap)" : "");
    print_stack(t, report_stack(r, finding));
}

/* ---- for other forms ---- */

static void print_finding(const struct text *t, struct report *r, uint32_t finding)
{
    print_figures(t, &r->findings.items[finding]);
    print_stack(t, report_stack(r, finding));
}

/* Without what it begins with in the report, and without the last line's end. Frees. */
static char *trimmed(char *text, const char *beginning)
{
    size_t left = strspn(text, beginning), length = strlen(text);
    if (length && text[length - 1] == '\n')
        text[--length] = '\0';
    char *result = strndup(text + left, length - (left < length ? left : length));
    free(text);
    return result;
}

static char *text_of(struct report *r, uint32_t finding,
                     void (*print)(const struct text *t, struct report *r, uint32_t finding))
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    print(&(struct text){out, false}, r, finding);
    if (fclose(out) == 0)
        return trimmed(text, " ");
    free(text);
    return NULL;
}

char *text_place_of(struct report *r, uint32_t finding)
{
    return text_of(r, finding, text_place);
}

char *text_finding_of(struct report *r, uint32_t finding)
{
    return text_of(r, finding, print_finding);
}

char *text_runtime_of(struct report *r, const struct runtime *rt)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    text_runtime(&(struct text){out, false}, r, rt, 1);
    if (fclose(out) == 0)
        return trimmed(text, "\n#1 "); /* its number */
    free(text);
    return NULL;
}
