/* See lens.h. Ruby: objects lie in slots of heap pages, which come from mmap in one size. */
#include "lens.h"
#include "report.h"

static const char *const modules[] = {"libruby", "ruby", NULL};

static bool owns(const struct stack *stack, enum site_kind kind)
{
    return kind == SITE_MMAP && lens_named_in(stack, modules);
}

static const char *hint(const struct report *r, bool named)
{
    (void)r;
    (void)named;
    return "ruby names what allocates with ObjectSpace.trace_object_allocations";
}

const struct lens lens_ruby = {
    .name = "ruby",
    .heap = "Ruby heap",
    .exact = false,
    .program = "Ruby method",
    .owns = owns,
    .is_nursery = NULL,
    .is_program = lens_is_jit,
    .hint = hint,
};
