/* Lenses: how to look at the memory of a program that is written in a language with a heap of its own.
 *
 * V8, CPython, the JVM, Go and Ruby ask the kernel for pages and hand out objects inside them. Each page
 * request has a stack, so who happened to be allocating when a page was needed is seen: a sample, weighted by
 * what each allocates, and no exact count. One lens is what there is to know about one such runtime; a file
 * each.
 */
#ifndef LEAKWATCH_TOOL_LENS_H
#define LEAKWATCH_TOOL_LENS_H

#include <stdbool.h>

#include "layout.h"
#include "stack.h"

struct report;

struct lens {
    const char *name;    /* in JSON, a promise: "v8" */
    const char *heap;    /* what people call its memory: "V8 heap" */
    bool exact;          /* every block passes malloc: nothing is sampled */
    const char *program; /* a program-level frame is one of these: "JavaScript function" */
    /* Did the runtime ask for this memory for its own heap (or to manage it)? */
    bool (*owns)(const struct stack *stack, enum site_kind kind);
    /* Is it room for the newest objects, which is as large as the collector likes and soon empty again? Then
     * it says nothing about what stays. May be NULL: there is no such room. */
    bool (*is_nursery)(const struct stack *stack);
    /* Is this a function that the program's author wrote? */
    bool (*is_program)(const struct call *call);
    /* What sees more, in a sentence; NULL when it is done already. named: program-level frames were seen. */
    const char *(*hint)(const struct report *r, bool named);
};

extern const struct lens lens_v8, lens_buffers, lens_python, lens_jvm, lens_direct, lens_go, lens_ruby;
/* All of them; NULL ends the list. */
extern const struct lens *const lenses[];

/* ---- what lenses share ---- */

/* Does any of the calls' functions match one of these fnmatch(3) patterns? NULL ends the list. */
bool lens_has(const struct stack *stack, const char *const *patterns);
/* The same of one call. */
bool lens_matches(const struct call *call, const char *const *patterns);
/* Does the first call that is no wrapper belong to a module whose base name begins so? */
bool lens_named_in(const struct stack *stack, const char *const *starts);
/* Is it code in no file, which a perf map has named? */
bool lens_is_jit(const struct call *call);

#endif
