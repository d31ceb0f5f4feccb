/* C++ operator new and delete, every form, under their linker names (Itanium C++ ABI, size_t is `m`).
 *
 * libstdc++'s operators call malloc and free, which are hooked: these then only pass on. tcmalloc,
 * jemalloc and mimalloc bring operators of their own that never reach a public malloc: those calls are
 * recorded here. std::bad_alloc passes through (the library is compiled with -fexceptions); the guard
 * that it leaves set is found stale by the next hook (guard.h).
 *
 * Every form takes at most three words (size or pointer; size or alignment; alignment or nothrow tag),
 * all in registers, so one function type forwards them all untouched.
 * A program without C++ never comes here. A C++ plugin loaded locally is served the operator of its own
 * scope (next_for_caller).
 */
#include <stddef.h>
#include <stdint.h>

#include "guard.h"
#include "hints.h"
#include "next.h"
#include "record.h"

typedef void *words_function(uintptr_t, uintptr_t, uintptr_t);

struct operator
{
    const char *name;
    words_function *next; /* NULL until the first call; every thread finds the same */
    bool passes_on;       /* libstdc++'s: it will come by our malloc or free */
};

static COLD words_function *find(struct operator* op, const void *caller)
{
    next_ready();
    void *found = next_for_caller(op->name, caller);
    op->passes_on = !found || next_calls_malloc(found);
    words_function *next_one = found ? (words_function *)found : NULL;
    __atomic_store_n(&op->next, next_one, __ATOMIC_RELEASE);
    return next_one;
}

static inline words_function *next_of(struct operator* op, const void *caller)
{
    words_function *found = __atomic_load_n(&op->next, __ATOMIC_ACQUIRE);
    return likely(found) ? found : find(op, caller);
}

/* frame and caller are the exported operator's. A scope without any operator new has no bad_alloc
 * either: malloc's answer is all there is. */
static inline void *allocate(struct operator* op, size_t size, uintptr_t b, uintptr_t c, const void *frame,
                             const void *caller)
{
    words_function *call = next_of(op, caller);
    if (unlikely(!call))
        return next.malloc(size);
    if (op->passes_on || !guard_enter(frame))
        return call(size, b, c);
    void *p = call(size, b, c);
    if (likely(p))
        record_alloc(p, size, frame);
    guard_leave();
    return p;
}

static inline void release(struct operator* op, void *p, uintptr_t b, uintptr_t c, const void *frame,
                           const void *caller)
{
    words_function *call = next_of(op, caller);
    if (unlikely(!call)) {
        next.free(p);
        return;
    }
    if (op->passes_on || !p) {
        call((uintptr_t)p, b, c);
        return;
    }
    if (!guard_enter(frame)) {
        record_free_nested(p);
        call((uintptr_t)p, b, c);
        return;
    }
    record_free(p);
    call((uintptr_t)p, b, c);
    guard_leave();
}

/* Of the exported operator: macros, because a helper would have a frame of its own. */
#define HERE __builtin_frame_address(0), __builtin_return_address(0)

/* operator new(size) */
EXPORT void *_Znwm(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_Znwm(size_t size, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_Znwm"};
    return allocate(&op, size, b, c, HERE);
}

/* operator new[](size) */
EXPORT void *_Znam(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_Znam(size_t size, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_Znam"};
    return allocate(&op, size, b, c, HERE);
}

/* operator new(size, nothrow) */
EXPORT void *_ZnwmRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_ZnwmRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZnwmRKSt9nothrow_t"};
    return allocate(&op, size, b, c, HERE);
}

/* operator new[](size, nothrow) */
EXPORT void *_ZnamRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_ZnamRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZnamRKSt9nothrow_t"};
    return allocate(&op, size, b, c, HERE);
}

/* operator new(size, alignment) */
EXPORT void *_ZnwmSt11align_val_t(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_ZnwmSt11align_val_t(size_t size, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZnwmSt11align_val_t"};
    return allocate(&op, size, b, c, HERE);
}

/* operator new[](size, alignment) */
EXPORT void *_ZnamSt11align_val_t(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_ZnamSt11align_val_t(size_t size, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZnamSt11align_val_t"};
    return allocate(&op, size, b, c, HERE);
}

/* operator new(size, alignment, nothrow) */
EXPORT void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZnwmSt11align_val_tRKSt9nothrow_t"};
    return allocate(&op, size, b, c, HERE);
}

/* operator new[](size, alignment, nothrow) */
EXPORT void *_ZnamSt11align_val_tRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_ZnamSt11align_val_tRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZnamSt11align_val_tRKSt9nothrow_t"};
    return allocate(&op, size, b, c, HERE);
}

/* operator delete(p) */
EXPORT void _ZdlPv(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdlPv(void *p, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZdlPv"};
    release(&op, p, b, c, HERE);
}

/* operator delete[](p) */
EXPORT void _ZdaPv(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdaPv(void *p, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZdaPv"};
    release(&op, p, b, c, HERE);
}

/* operator delete(p, size) */
EXPORT void _ZdlPvm(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdlPvm(void *p, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZdlPvm"};
    release(&op, p, b, c, HERE);
}

/* operator delete[](p, size) */
EXPORT void _ZdaPvm(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdaPvm(void *p, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZdaPvm"};
    release(&op, p, b, c, HERE);
}

/* operator delete(p, nothrow) */
EXPORT void _ZdlPvRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdlPvRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZdlPvRKSt9nothrow_t"};
    release(&op, p, b, c, HERE);
}

/* operator delete[](p, nothrow) */
EXPORT void _ZdaPvRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdaPvRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZdaPvRKSt9nothrow_t"};
    release(&op, p, b, c, HERE);
}

/* operator delete(p, alignment) */
EXPORT void _ZdlPvSt11align_val_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdlPvSt11align_val_t(void *p, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZdlPvSt11align_val_t"};
    release(&op, p, b, c, HERE);
}

/* operator delete[](p, alignment) */
EXPORT void _ZdaPvSt11align_val_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdaPvSt11align_val_t(void *p, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZdaPvSt11align_val_t"};
    release(&op, p, b, c, HERE);
}

/* operator delete(p, size, alignment) */
EXPORT void _ZdlPvmSt11align_val_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdlPvmSt11align_val_t(void *p, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZdlPvmSt11align_val_t"};
    release(&op, p, b, c, HERE);
}

/* operator delete[](p, size, alignment) */
EXPORT void _ZdaPvmSt11align_val_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdaPvmSt11align_val_t(void *p, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZdaPvmSt11align_val_t"};
    release(&op, p, b, c, HERE);
}

/* operator delete(p, alignment, nothrow) */
EXPORT void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZdlPvSt11align_val_tRKSt9nothrow_t"};
    release(&op, p, b, c, HERE);
}

/* operator delete[](p, alignment, nothrow) */
EXPORT void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c)
{
    static struct operator op = {.name = "_ZdaPvSt11align_val_tRKSt9nothrow_t"};
    release(&op, p, b, c, HERE);
}
