/* Stack: a site's frames with their names, inlined calls expanded, and which of them names the site. */
#ifndef LEAKWATCH_TOOL_STACK_H
#define LEAKWATCH_TOOL_STACK_H

#include "suppressions.h"
#include "symbols.h"

struct call {
    const struct spot *spot;
    const struct symbol *symbol; /* one of the spot's */
    bool recursive;              /* the cycle that begins here was folded to once */
};

struct stack {
    struct call *calls; /* leaf first */
    uint32_t count;
    uint32_t named; /* the first call that is neither allocator nor wrapper; 0 if all are */
    bool cut;       /* there were more frames towards the root */
};

/* Of the site's youngest node; free with stack_free. Empty without memory, or for "(untracked)". age_ms: of
 * the process when the site was first seen. */
struct stack stack_of(struct symbols *s, const struct ledger *l, uint32_t node, uint64_t age_ms);
void stack_free(struct stack *stack);

/* The call that names the site, or NULL: the stack is empty. */
const struct call *stack_named(const struct stack *stack);

/* The function of a call, or where it is: "module+0x1234". free() it; NULL without memory. */
char *stack_call_name(const struct call *call);

/* What would silence a site, as in leak:PATTERN: the function that names it, or where that has no name the
 * first above it that has one. A whole module would be too much to silence, unless nothing has a name. "":
 * nothing would. Lives as long as the stack. */
const char *stack_suppression(const struct stack *stack);

/* The pattern by which a function, file or module on the stack is suppressed, or NULL. */
const char *stack_suppressed(const struct stack *stack, const struct suppressions *s);

/* Names it after the first frame that is no wrapper of the user's, either. Of a stack that has no other it
 * keeps the name. */
void stack_name_anew(struct stack *stack, const struct suppressions *s);

#endif
