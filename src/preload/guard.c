/* See guard.h. */
#include "guard.h"

#include "sys.h"

__thread volatile uintptr_t inside;

/* Stacks grow down: a frame above or at the guard's, on the same stack, has outlived it. A signal
 * handler on an alternate stack may stand above it too (the alternate stack can be an array in main),
 * so the kernel is asked whether we are on one; this path is rare. Coroutine stacks lie in other
 * mappings: heights then say nothing, and a distance that no stack has is taken for another stack. */
#define STACK_MOST (UINT64_C(1) << 30)

COLD bool guard_is_stale(uintptr_t here)
{
    uintptr_t owner = inside;
    if (here < owner || here - owner > STACK_MOST)
        return false;
    stack_t now;
    if (SYS2(SYS_sigaltstack, 0, &now) != 0 || !(now.ss_flags & SS_ONSTACK))
        return true;
    uintptr_t low = (uintptr_t)now.ss_sp, high = low + now.ss_size;
    return owner >= low && owner < high; /* the hook was on the same alternate stack */
}
