/* The exported malloc family. Each hook reads alike: enter the guard, forward the raw arguments to the
 * same-named next function, record what came of it, leave. Results, errno and every corner case are the
 * next allocator's own; failures and NULL are not recorded. What arrives nested (a signal handler inside
 * a hook, an allocator calling itself by public names) is passed through: its blocks stay unrecorded, a
 * counted loss, but its frees are always taken out of the live table.
 */
#include <malloc.h>
#include <stdlib.h>
#include <stddef.h>

#include "book.h"
#include "guard.h"
#include "hints.h"
#include "live.h"
#include "next.h"
#include "poisson.h"
#include "record.h"

/* C23 names, and one that glibc no longer declares. */
void free_sized(void *p, size_t size);
void free_aligned_sized(void *p, size_t alignment, size_t size);
void cfree(void *p);

/* Of the hook this is used in: a macro because a helper would have a frame of its own. */
#define HERE __builtin_frame_address(0)

/* Sampling, and this allocation is not one of the sampled. */
static inline bool passes(size_t size)
{
    return unlikely(poisson_lightly) && poisson_passes(size);
}

/* Sampling, and there is no recorded block at p. */
static inline bool unknown(const void *p)
{
    return unlikely(poisson_lightly) && !live_may_know(p);
}

static inline void *recorded(void *p, size_t size, const void *frame)
{
    if (likely(p))
        p = record_alloc(p, size, frame);
    guard_leave();
    return p;
}

/* What an allocator passed on when it called itself by a public name. When the hook it was called by returns
 * the very same block, it is recorded after all (glibc's reallocarray calls realloc). */
static __thread void *own_block;

/* A signal's frame is larger than this: closer to the outer hook there is no handler, only its allocator. */
#define OWN_CALL_MOST 768

static COLD void *nested(void *p, const void *frame)
{
    if (p)
        loss(LOSS_NESTED);
    if (inside - (uintptr_t)frame < OWN_CALL_MOST)
        own_block = p;
    return p;
}

/* The next allocator's block, unless it is ours and the arena has room. */
static COLD void *nested_malloc(size_t size, const void *frame)
{
    void *ours = next_for_us ? next_arena(size) : NULL;
    return ours ? ours : nested(next.malloc(size), frame);
}

static COLD void *nested_calloc(size_t n, size_t size, const void *frame)
{
    size_t bytes;
    void *ours = next_for_us && !__builtin_mul_overflow(n, size, &bytes) ? next_arena(bytes) : NULL;
    return ours ? ours : nested(next.calloc(n, size), frame);
}

/* guard_enter and recorded, for the hooks whose next function may do that. */
static inline bool guard_enter_once(const void *frame)
{
    if (unlikely(!guard_enter(frame)))
        return false;
    own_block = NULL;
    return true;
}

static void *recorded_once(void *p, size_t size, const void *frame)
{
    if (p && own_block == p)
        loss_undo(LOSS_NESTED);
    return recorded(p, size, frame);
}

/* The two that are called most leave what is not sampled to the next function by a jump, before anything is
 * put on the stack; the hook proper is jumped to likewise, so that its frame's caller is the program. */
static NOINLINE void *hooked_malloc(size_t size)
{
    if (unlikely(!guard_enter(HERE)))
        return nested_malloc(size, HERE);
    return recorded(next.malloc(size), size, HERE);
}

EXPORT void *malloc(size_t size)
{
    return passes(size) ? next.malloc(size) : hooked_malloc(size);
}

EXPORT void *calloc(size_t n, size_t size)
{
    if (passes(n * size))
        return next.calloc(n, size);
    if (unlikely(!guard_enter(HERE)))
        return nested_calloc(n, size, HERE);
    return recorded(next.calloc(n, size), n * size, HERE);
}

EXPORT void *memalign(size_t alignment, size_t size)
{
    next_ready();
    if (unlikely(!guard_enter_once(HERE)))
        return nested(next.memalign(alignment, size), HERE);
    return recorded_once(next.memalign(alignment, size), size, HERE);
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    next_ready();
    if (unlikely(!guard_enter_once(HERE)))
        return nested(next.aligned_alloc(alignment, size), HERE);
    return recorded_once(next.aligned_alloc(alignment, size), size, HERE);
}

EXPORT void *valloc(size_t size)
{
    next_ready();
    if (unlikely(!guard_enter_once(HERE)))
        return nested(next.valloc(size), HERE);
    return recorded_once(next.valloc(size), size, HERE);
}

EXPORT void *pvalloc(size_t size)
{
    next_ready();
    if (unlikely(!guard_enter_once(HERE)))
        return nested(next.pvalloc(size), HERE);
    return recorded_once(next.pvalloc(size), size, HERE);
}

EXPORT int posix_memalign(void **p, size_t alignment, size_t size)
{
    next_ready();
    if (unlikely(!guard_enter_once(HERE))) {
        int error = next.posix_memalign(p, alignment, size);
        if (!error)
            nested(*p, HERE);
        return error;
    }
    int error = next.posix_memalign(p, alignment, size);
    recorded_once(error ? NULL : *p, size, HERE);
    return error;
}

/* Arena blocks (next.h) cannot be reallocated by anybody: they move to the real heap. */
static COLD void *realloc_arena(const void *p, size_t size)
{
    size_t old = next_arena_size(p);
    void *fresh = malloc(size);
    if (fresh)
        __builtin_memcpy(fresh, p, old < size ? old : size);
    return fresh;
}

/* What a reallocation did to the old block. NULL is a failure, and the old block stays, unless nothing
 * was asked for: then allocators that answer NULL have freed it (glibc, and the standard until C23). */
static inline void *resized(void *p, size_t size, struct remembered was, const void *frame)
{
    if (unlikely(!p) && size) {
        record_put_back(was);
        guard_leave();
        return NULL;
    }
    record_forgotten(was);
    return recorded_once(p, size, frame);
}

static COLD void *nested_resize(void *p, size_t size, struct remembered was, const void *frame)
{
    if (!p && size)
        record_put_back(was);
    else
        record_forgotten_nested(was);
    return nested(p, frame);
}

EXPORT void *realloc(void *old, size_t size)
{
    if (unknown(old) && passes(size))
        return next.realloc(old, size);
    if (unlikely(next_is_arena(old)))
        return realloc_arena(old, size);
    if (unlikely(!guard_enter_once(HERE))) {
        if (!old && next_for_us)
            return nested_malloc(size, HERE);
        struct remembered was = record_forget_nested(old);
        return nested_resize(next.realloc(old, size), size, was, HERE);
    }
    if (!old)
        return recorded(next.realloc(NULL, size), size, HERE);
    struct remembered was = record_forget(old);
    return resized(next.realloc(old, size), size, was, HERE);
}

EXPORT void *reallocarray(void *old, size_t n, size_t size)
{
    size_t bytes;
    next_ready();
    if (__builtin_mul_overflow(n, size, &bytes))
        return next.reallocarray(old, n, size); /* fails, and the old block stays */
    if (unlikely(next_is_arena(old)))
        return realloc_arena(old, bytes);
    if (unlikely(!guard_enter_once(HERE))) {
        struct remembered was = record_forget_nested(old);
        return nested_resize(next.reallocarray(old, n, size), bytes, was, HERE);
    }
    if (!old)
        return recorded_once(next.reallocarray(NULL, n, size), bytes, HERE);
    struct remembered was = record_forget(old);
    return resized(next.reallocarray(old, n, size), bytes, was, HERE);
}

/* For the rarer frees. Out of the live table first: once the real free has run, another thread may get the
 * same address. */
static inline bool forget(void *p, const void *frame)
{
    if (unlikely(!p || next_is_arena(p)))
        return false;
    if (unlikely(!guard_enter(frame))) {
        record_free_nested(p);
        return true;
    }
    record_free(p);
    return true;
}

/* The guard covers the real call as well: an allocator that unmaps through our munmap must not be
 * charged twice. A nested hook leaves it to the outer one. */
static inline void left(const void *frame)
{
    if (inside == (uintptr_t)frame)
        guard_leave();
}

static COLD void free_nested(void *p)
{
    record_free_nested(p);
    next.free(p);
}

static NOINLINE void hooked_free(void *p)
{
    if (unlikely(!p || next_is_arena(p)))
        return;
    if (unlikely(!guard_enter(HERE))) {
        free_nested(p);
        return;
    }
    record_free(p);
    next.free(p);
    guard_leave();
}

EXPORT void free(void *p)
{
    if (unknown(p))
        next.free(p);
    else
        hooked_free(p);
}

EXPORT void cfree(void *p)
{
    next_ready();
    if (!forget(p, HERE))
        return;
    if (next.cfree)
        next.cfree(p);
    else
        next.free(p);
    left(HERE);
}

EXPORT void free_sized(void *p, size_t size)
{
    next_ready();
    if (!forget(p, HERE))
        return;
    if (next.free_sized)
        next.free_sized(p, size);
    else
        next.free(p);
    left(HERE);
}

EXPORT void free_aligned_sized(void *p, size_t alignment, size_t size)
{
    next_ready();
    if (!forget(p, HERE))
        return;
    if (next.free_aligned_sized)
        next.free_aligned_sized(p, alignment, size);
    else
        next.free(p);
    left(HERE);
}

EXPORT size_t malloc_usable_size(void *p)
{
    next_ready();
    return next_is_arena(p) ? next_arena_size(p) : next.malloc_usable_size(p);
}
