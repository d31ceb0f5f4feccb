/* See lens.h. The list, and what several lenses ask. */
#include "lens.h"

#include <fnmatch.h>
#include <string.h>

const struct lens *const lenses[] = {&lens_v8,     &lens_buffers, &lens_python, &lens_jvm,
                                     &lens_direct, &lens_go,      &lens_ruby,   NULL};

bool lens_matches(const struct call *call, const char *const *patterns)
{
    const char *function = call->symbol->function;
    for (; function && *patterns; patterns++)
        if (fnmatch(*patterns, function, 0) == 0)
            return true;
    return false;
}

bool lens_has(const struct stack *stack, const char *const *patterns)
{
    for (uint32_t i = 0; i < stack->count; i++)
        if (lens_matches(&stack->calls[i], patterns))
            return true;
    return false;
}

bool lens_named_in(const struct stack *stack, const char *const *starts)
{
    const struct call *call = stack_named(stack);
    const char *slash = call ? strrchr(call->spot->module, '/') : NULL;
    for (; slash && *starts; starts++)
        if (strncmp(slash + 1, *starts, strlen(*starts)) == 0)
            return true;
    return false;
}

bool lens_is_jit(const struct call *call)
{
    return call->spot->key.module == 0 && call->symbol->function;
}
