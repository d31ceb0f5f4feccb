/* Folded stacks, one site a line: "main;serve;remember 4096", root first, bytes last. Flame graph tools add
 * up equal lines (sites that differ in line numbers only), so that this need not. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "format.h"

static uint64_t value_of(const struct finding *f, enum export_what what)
{
    if (what == EXPORT_ALLOCATED)
        return f->sums.allocated_bytes;
    return what == EXPORT_GROWTH ? export_growth(f) : f->sums.live_bytes;
}

/* The semicolon is the format's; format_text sees to the rest of what strangers may have put there. */
static int write_call(const struct call *call, FILE *out)
{
    char *name = stack_call_name(call);
    for (char *c = name; c && *c; c++)
        if (*c == ';')
            *c = ':';
    if (name)
        format_text(out, name);
    free(name);
    return name ? 0 : -1;
}

int export_stack(const struct stack *stack, FILE *out)
{
    if (!stack->count)
        fputs("(untracked)", out);
    else if (stack->cut)
        fputs("(cut);", out);
    for (uint32_t i = stack->count; i-- > 0;) {
        if (write_call(&stack->calls[i], out) != 0)
            return -1;
        if (i > 0)
            fputc(';', out);
    }
    return 0;
}

int export_folded(struct report *r, const struct export *e, FILE *out)
{
    for (uint32_t i = 0; i < r->findings.count; i++) {
        uint64_t value = value_of(&r->findings.items[i], e->what);
        if (value == 0)
            continue;
        if (export_stack(report_stack(r, i), out) != 0)
            return -1;
        fprintf(out, " %" PRIu64 "\n", value);
        report_forget_stack(r, i);
    }
    return 0;
}
