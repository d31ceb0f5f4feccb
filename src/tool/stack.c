/* See stack.h. */
#include "stack.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wrappers.h"

/* The recorder keeps at most 256 frames, and may put one for a fold: this bounds a forged cycle. */
#define MOST_FRAMES 512

static bool add_frame(struct stack *stack, const struct spot *spot, bool recursive)
{
    struct call *calls = realloc(stack->calls, (stack->count + spot->count) * sizeof *calls);
    if (!calls)
        return false;
    stack->calls = calls;
    for (uint32_t i = 0; i < spot->count; i++)
        calls[stack->count++] = (struct call){spot, &spot->symbols[i], false};
    calls[stack->count - 1].recursive = recursive;
    return true;
}

static uint32_t find_named(const struct stack *stack)
{
    for (uint32_t i = 0; i < stack->count; i++)
        if (!wrappers_has(stack->calls[i].symbol->function, stack->calls[i].spot->module))
            return i;
    return 0;
}

struct stack stack_of(struct symbols *s, const struct ledger *l, uint32_t node, uint64_t age_ms)
{
    struct stack stack = {0};
    struct frame frames[MOST_FRAMES];
    uint32_t count = ledger_stack(l, node, frames, MOST_FRAMES);
    for (uint32_t i = 0; i < count; i++) {
        const struct spot *spot = symbols_at(s, &frames[i], age_ms);
        if (!spot || !add_frame(&stack, spot, frames[i].repeats))
            break;
        stack.cut = frames[i].cut;
    }
    stack.named = find_named(&stack);
    return stack;
}

void stack_free(struct stack *stack)
{
    free(stack->calls);
    *stack = (struct stack){0};
}

const struct call *stack_named(const struct stack *stack)
{
    return stack->count ? &stack->calls[stack->named] : NULL;
}

char *stack_call_name(const struct call *call)
{
    const char *module = call->spot->name;
    uintmax_t offset = call->spot->key.offset;
    char *text = NULL;
    if (call->symbol->function)
        return strdup(call->symbol->function);
    int failed = call->spot->key.module == 0 ? asprintf(&text, "0x%jx", offset)
                                             : asprintf(&text, "%s+0x%jx", *module ? module : "?", offset);
    return failed < 0 ? NULL : text;
}

const char *stack_suppression(const struct stack *stack)
{
    for (uint32_t i = stack->named; i < stack->count; i++) {
        const char *function = stack->calls[i].symbol->function;
        if (function && !wrappers_is_start(function))
            return function;
    }
    const char *name = stack->count ? stack->calls[stack->named].spot->name : "";
    return stack->count && strstr(stack->calls[stack->named].spot->module, name) ? name : "";
}

static const char *first(const char *a, const char *b, const char *c)
{
    return a ? a : b ? b : c;
}

const char *stack_suppressed(const struct stack *stack, const struct suppressions *s)
{
    const char *pattern = NULL;
    for (uint32_t i = 0; !pattern && s->count && i < stack->count; i++) {
        const struct call *call = &stack->calls[i];
        pattern = first(suppressions_match(s, call->symbol->function),
                        suppressions_match(s, call->symbol->file), suppressions_match(s, call->spot->module));
    }
    return pattern;
}

void stack_name_anew(struct stack *stack, const struct suppressions *s)
{
    for (uint32_t i = stack->named; s->wrappers_count && i < stack->count; i++) {
        const struct call *call = &stack->calls[i];
        if (wrappers_is_start(call->symbol->function))
            return;
        if (suppressions_wrap(s, call->symbol->function) ||
            wrappers_has(call->symbol->function, call->spot->module))
            continue;
        stack->named = i;
        return;
    }
}
