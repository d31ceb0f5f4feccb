/* See lens.h. Go: a program with C in it (cgo) asks for pages through the C library, others ask the kernel,
 * unseen. The request is made on the runtime's own stack, so no Go function is on it. */
#include "lens.h"
#include "report.h"

static bool owns(const struct stack *stack, enum site_kind kind)
{
    static const char *const requests[] = {"runtime.sys*", "runtime.(*mheap)*", "runtime.persistentalloc*",
                                           "runtime.callCgoMmap*", NULL};
    return kind == SITE_MMAP && lens_has(stack, requests);
}

static bool is_program(const struct call *call)
{
    (void)call;
    return false;
}

static const char *hint(const struct report *r, bool named)
{
    (void)r;
    (void)named;
    return "Go's own profiler names what allocates there: runtime/pprof, \"heap\"";
}

const struct lens lens_go = {
    .name = "go",
    .heap = "Go heap",
    .exact = false,
    .program = "Go function",
    .owns = owns,
    .is_nursery = NULL,
    .is_program = is_program,
    .hint = hint,
};
