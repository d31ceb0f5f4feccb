/* See lens.h. CPython: pymalloc hands out objects of up to 512 bytes inside arenas of 256 KiB or 1 MiB from
 * mmap. Its frames have names where -X perf is on (3.12 and later). */
#include <string.h>

#include "lens.h"
#include "report.h"

static const char *const modules[] = {"python", "libpython", NULL};

static bool owns(const struct stack *stack, enum site_kind kind)
{
    return kind == SITE_MMAP && lens_named_in(stack, modules);
}

static bool is_program(const struct call *call)
{
    const char *file = call->symbol->file;
    return lens_is_jit(call) && file && file[0] != '<';
}

static const char *hint(const struct report *r, bool named)
{
    (void)r;
    return named
               ? "PYTHONMALLOC=malloc shows each object, not only the arenas they lie in"
               : "PYTHONMALLOC=malloc shows each object, not only the arenas they lie in; -X perf (3.12 and "
                 "later) names python functions";
}

const struct lens lens_python = {
    .name = "python",
    .heap = "Python heap",
    .exact = false,
    .program = "Python function",
    .owns = owns,
    .is_nursery = NULL,
    .is_program = is_program,
    .hint = hint,
};
