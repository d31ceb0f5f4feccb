/* The guard: is this thread already inside one of our hooks?
 *
 * `inside` holds the frame address of the hook that set it. A hook that finds it set is nested (a signal
 * handler, or an allocator that calls itself through public names) unless that frame cannot exist any
 * more: a siglongjmp, or a bad_alloc that passed through, leaves it behind, and the next hook on that
 * stack stands at the same height or above.
 */
#ifndef LEAKWATCH_PRELOAD_GUARD_H
#define LEAKWATCH_PRELOAD_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "hints.h"

extern HIDDEN __thread volatile uintptr_t inside; /* volatile: signal handlers look at it */

/* The guard is set but not by this frame: may we take it over? */
bool guard_is_stale(uintptr_t here);

/* True: we are the outermost hook now, and guard_leave must follow. */
static inline bool guard_enter(const void *frame)
{
    uintptr_t here = (uintptr_t)frame;
    if (unlikely(inside) && !guard_is_stale(here))
        return false;
    inside = here;
    return true;
}

static inline void guard_leave(void)
{
    inside = 0;
}

#endif
