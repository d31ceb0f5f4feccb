/* C++ operator new and delete, every form, under their linker names (Itanium C++ ABI, size_t is `m`).
 *
 * libstdc++'s operators call malloc and free, which are hooked: these then only pass on. tcmalloc,
 * jemalloc and mimalloc bring operators of their own that never reach a public malloc: those calls are
 * recorded here. std::bad_alloc passes through (the library is compiled with -fexceptions); the guard
 * that it leaves set is found stale by the next hook (guard.h).
 *
 * Every form takes at most three words (size or pointer; size or alignment; alignment or nothrow tag),
 * all in registers, so one function type forwards them all untouched.
 * A program that has no operators when it starts never comes here, nor do its plugins: ours are hidden then
 * (next.c), as is each form that the program's allocator lacks.
 */
#include "operator_new.h"

#include <stddef.h>
#include <stdint.h>

#include "guard.h"
#include "hide.h"
#include "hints.h"
#include "next.h"
#include "record.h"

typedef void *words_function(uintptr_t, uintptr_t, uintptr_t);

struct operator
{
    const char *name;
    words_function *next; /* NULL until found; every thread finds the same */
    bool passes_on;       /* libstdc++'s: it will come by our malloc or free */
    bool foreign;         /* not the next malloc's either: nobody can tell the sizes of its blocks */
};

enum form {
    NEW,
    NEW_ARRAY,
    NEW_NOTHROW,
    NEW_ARRAY_NOTHROW,
    NEW_ALIGNED,
    NEW_ARRAY_ALIGNED,
    NEW_ALIGNED_NOTHROW,
    NEW_ARRAY_ALIGNED_NOTHROW,
    DELETE,
    DELETE_ARRAY,
    DELETE_SIZED,
    DELETE_ARRAY_SIZED,
    DELETE_NOTHROW,
    DELETE_ARRAY_NOTHROW,
    DELETE_ALIGNED,
    DELETE_ARRAY_ALIGNED,
    DELETE_SIZED_ALIGNED,
    DELETE_ARRAY_SIZED_ALIGNED,
    DELETE_ALIGNED_NOTHROW,
    DELETE_ARRAY_ALIGNED_NOTHROW,
    FORMS
};

static struct operator operators[FORMS] = {
    [NEW] = {.name = "_Znwm"},
    [NEW_ARRAY] = {.name = "_Znam"},
    [NEW_NOTHROW] = {.name = "_ZnwmRKSt9nothrow_t"},
    [NEW_ARRAY_NOTHROW] = {.name = "_ZnamRKSt9nothrow_t"},
    [NEW_ALIGNED] = {.name = "_ZnwmSt11align_val_t"},
    [NEW_ARRAY_ALIGNED] = {.name = "_ZnamSt11align_val_t"},
    [NEW_ALIGNED_NOTHROW] = {.name = "_ZnwmSt11align_val_tRKSt9nothrow_t"},
    [NEW_ARRAY_ALIGNED_NOTHROW] = {.name = "_ZnamSt11align_val_tRKSt9nothrow_t"},
    [DELETE] = {.name = "_ZdlPv"},
    [DELETE_ARRAY] = {.name = "_ZdaPv"},
    [DELETE_SIZED] = {.name = "_ZdlPvm"},
    [DELETE_ARRAY_SIZED] = {.name = "_ZdaPvm"},
    [DELETE_NOTHROW] = {.name = "_ZdlPvRKSt9nothrow_t"},
    [DELETE_ARRAY_NOTHROW] = {.name = "_ZdaPvRKSt9nothrow_t"},
    [DELETE_ALIGNED] = {.name = "_ZdlPvSt11align_val_t"},
    [DELETE_ARRAY_ALIGNED] = {.name = "_ZdaPvSt11align_val_t"},
    [DELETE_SIZED_ALIGNED] = {.name = "_ZdlPvmSt11align_val_t"},
    [DELETE_ARRAY_SIZED_ALIGNED] = {.name = "_ZdaPvmSt11align_val_t"},
    [DELETE_ALIGNED_NOTHROW] = {.name = "_ZdlPvSt11align_val_tRKSt9nothrow_t"},
    [DELETE_ARRAY_ALIGNED_NOTHROW] = {.name = "_ZdaPvSt11align_val_tRKSt9nothrow_t"},
};

static COLD words_function *find(struct operator* op)
{
    next_ready();
    void *found = next_operator(op->name);
    op->passes_on = !found || next_calls_malloc(found);
    op->foreign = !op->passes_on && !next_is_allocators(found);
    words_function *next_one = found ? (words_function *)found : NULL;
    __atomic_store_n(&op->next, next_one, __ATOMIC_RELEASE);
    return next_one;
}

void operator_new_init(void)
{
    for (size_t i = NEW; i < FORMS; i++)
        if (!find(&operators[i]))
            HIDE_NAME(operators[i].name);
}

static inline words_function *next_of(struct operator* op)
{
    words_function *found = __atomic_load_n(&op->next, __ATOMIC_ACQUIRE);
    return likely(found) ? found : find(op);
}

/* frame: the exported operator's. Where there is no other operator (who called was bound to ours before it
 * was hidden) malloc's answer is all there is. */
static inline void *allocate(struct operator* op, size_t size, uintptr_t b, uintptr_t c, const void *frame)
{
    words_function *call = next_of(op);
    if (unlikely(!call))
        return next.malloc(size);
    if (op->passes_on || !guard_enter(frame))
        return call(size, b, c);
    void *p = call(size, b, c);
    if (likely(p && !op->foreign))
        record_alloc(p, size, frame);
    else if (p)
        record_alloc_foreign(p, size, frame);
    guard_leave();
    return p;
}

static inline void release(struct operator* op, void *p, uintptr_t b, uintptr_t c, const void *frame)
{
    words_function *call = next_of(op);
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

/* Of the exported operator: a macro, because a helper would have a frame of its own. */
#define HERE __builtin_frame_address(0)

/* operator new(size) */
EXPORT void *_Znwm(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_Znwm(size_t size, uintptr_t b, uintptr_t c)
{
    return allocate(&operators[NEW], size, b, c, HERE);
}

/* operator new[](size) */
EXPORT void *_Znam(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_Znam(size_t size, uintptr_t b, uintptr_t c)
{
    return allocate(&operators[NEW_ARRAY], size, b, c, HERE);
}

/* operator new(size, nothrow) */
EXPORT void *_ZnwmRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_ZnwmRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c)
{
    return allocate(&operators[NEW_NOTHROW], size, b, c, HERE);
}

/* operator new[](size, nothrow) */
EXPORT void *_ZnamRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_ZnamRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c)
{
    return allocate(&operators[NEW_ARRAY_NOTHROW], size, b, c, HERE);
}

/* operator new(size, alignment) */
EXPORT void *_ZnwmSt11align_val_t(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_ZnwmSt11align_val_t(size_t size, uintptr_t b, uintptr_t c)
{
    return allocate(&operators[NEW_ALIGNED], size, b, c, HERE);
}

/* operator new[](size, alignment) */
EXPORT void *_ZnamSt11align_val_t(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_ZnamSt11align_val_t(size_t size, uintptr_t b, uintptr_t c)
{
    return allocate(&operators[NEW_ARRAY_ALIGNED], size, b, c, HERE);
}

/* operator new(size, alignment, nothrow) */
EXPORT void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c)
{
    return allocate(&operators[NEW_ALIGNED_NOTHROW], size, b, c, HERE);
}

/* operator new[](size, alignment, nothrow) */
EXPORT void *_ZnamSt11align_val_tRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c);
EXPORT void *_ZnamSt11align_val_tRKSt9nothrow_t(size_t size, uintptr_t b, uintptr_t c)
{
    return allocate(&operators[NEW_ARRAY_ALIGNED_NOTHROW], size, b, c, HERE);
}

/* operator delete(p) */
EXPORT void _ZdlPv(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdlPv(void *p, uintptr_t b, uintptr_t c)
{
    release(&operators[DELETE], p, b, c, HERE);
}

/* operator delete[](p) */
EXPORT void _ZdaPv(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdaPv(void *p, uintptr_t b, uintptr_t c)
{
    release(&operators[DELETE_ARRAY], p, b, c, HERE);
}

/* operator delete(p, size) */
EXPORT void _ZdlPvm(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdlPvm(void *p, uintptr_t b, uintptr_t c)
{
    release(&operators[DELETE_SIZED], p, b, c, HERE);
}

/* operator delete[](p, size) */
EXPORT void _ZdaPvm(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdaPvm(void *p, uintptr_t b, uintptr_t c)
{
    release(&operators[DELETE_ARRAY_SIZED], p, b, c, HERE);
}

/* operator delete(p, nothrow) */
EXPORT void _ZdlPvRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdlPvRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c)
{
    release(&operators[DELETE_NOTHROW], p, b, c, HERE);
}

/* operator delete[](p, nothrow) */
EXPORT void _ZdaPvRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdaPvRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c)
{
    release(&operators[DELETE_ARRAY_NOTHROW], p, b, c, HERE);
}

/* operator delete(p, alignment) */
EXPORT void _ZdlPvSt11align_val_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdlPvSt11align_val_t(void *p, uintptr_t b, uintptr_t c)
{
    release(&operators[DELETE_ALIGNED], p, b, c, HERE);
}

/* operator delete[](p, alignment) */
EXPORT void _ZdaPvSt11align_val_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdaPvSt11align_val_t(void *p, uintptr_t b, uintptr_t c)
{
    release(&operators[DELETE_ARRAY_ALIGNED], p, b, c, HERE);
}

/* operator delete(p, size, alignment) */
EXPORT void _ZdlPvmSt11align_val_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdlPvmSt11align_val_t(void *p, uintptr_t b, uintptr_t c)
{
    release(&operators[DELETE_SIZED_ALIGNED], p, b, c, HERE);
}

/* operator delete[](p, size, alignment) */
EXPORT void _ZdaPvmSt11align_val_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdaPvmSt11align_val_t(void *p, uintptr_t b, uintptr_t c)
{
    release(&operators[DELETE_ARRAY_SIZED_ALIGNED], p, b, c, HERE);
}

/* operator delete(p, alignment, nothrow) */
EXPORT void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c)
{
    release(&operators[DELETE_ALIGNED_NOTHROW], p, b, c, HERE);
}

/* operator delete[](p, alignment, nothrow) */
EXPORT void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c);
EXPORT void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *p, uintptr_t b, uintptr_t c)
{
    release(&operators[DELETE_ARRAY_ALIGNED_NOTHROW], p, b, c, HERE);
}
