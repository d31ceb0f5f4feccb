/* The exported mmap family: private anonymous memory is charged to its caller, like a block. Not while
 * inside another hook: an allocator maps its heap through these, and its heap is counted by block. glibc's
 * own malloc passes by none of these names, so what comes by sbrk and brk is a program's own. Shared and file
 * mappings pass; one that replaces known memory (MAP_FIXED) takes it off the books.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bounds.h"
#include "guard.h"
#include "hints.h"
#include "next.h"
#include "options.h"
#include "record.h"

#define HERE __builtin_frame_address(0)

static bool replaces(int flags)
{
    return (flags & MAP_FIXED) && (flags & MAP_FIXED_NOREPLACE) != MAP_FIXED_NOREPLACE;
}

static __attribute__((noinline)) void after_map(void *p, size_t length, int prot, int flags,
                                                const void *frame)
{
    if (p != MAP_FAILED && (flags & MAP_ANONYMOUS) && (flags & MAP_TYPE) == MAP_PRIVATE)
        record_map(p, length, (prot & PROT_WRITE) != 0, frame);
}

typedef void *map_function(void *, size_t, int, int, int, off_t);

/* mmap and mmap64 are one function where off_t has 64 bits. frame: the exported hook's. */
static inline void *map(map_function *call, void *at, size_t length, int prot, int flags, int fd,
                        off_t offset, const void *frame)
{
    if (!options.mmap || !guard_enter(frame))
        return call(at, length, prot, flags, fd, offset);
    if (unlikely(replaces(flags))) /* it is gone before the kernel acts (forget before, remember after) */
        record_unmap(at, length);
    void *p = call(at, length, prot, flags, fd, offset);
    after_map(p, length, prot, flags, frame);
    guard_leave();
    return p;
}

/* The same; what a fixed mapping replaces may have been a stack. */
static inline void *map_anywhere(map_function *call, void *at, size_t length, int prot, int flags, int fd,
                                 off_t offset, const void *frame)
{
    if (unlikely(replaces(flags)))
        bounds_forget((uintptr_t)at, length);
    void *p = map(call, at, length, prot, flags, fd, offset, frame);
    if (unlikely(replaces(flags)))
        bounds_forget((uintptr_t)at, length);
    return p;
}

EXPORT void *mmap(void *at, size_t length, int prot, int flags, int fd, off_t offset)
{
    next_ready();
    return map_anywhere(next.mmap, at, length, prot, flags, fd, offset, HERE);
}

EXPORT void *mmap64(void *at, size_t length, int prot, int flags, int fd, off_t offset)
{
    next_ready();
    return map_anywhere(next.mmap64, at, length, prot, flags, fd, offset, HERE);
}

static int unmap(void *at, size_t length, const void *frame)
{
    if (!options.mmap)
        return next.munmap(at, length);
    if (!guard_enter(frame)) {
        record_unmap_nested(at, length); /* a signal handler's; an allocator's is not known anyway */
        return next.munmap(at, length);
    }
    record_unmap(at, length);
    int result = next.munmap(at, length);
    guard_leave();
    return result;
}

EXPORT int munmap(void *at, size_t length)
{
    next_ready();
    bounds_forget((uintptr_t)at, length);
    int result = unmap(at, length, HERE);
    bounds_forget((uintptr_t)at, length);
    return result;
}

static int protect(void *at, size_t length, int prot, const void *frame)
{
    if (!options.mmap || !guard_enter(frame))
        return next.mprotect(at, length, prot);
    int result = next.mprotect(at, length, prot);
    if (result == 0)
        record_protect(at, length, (prot & PROT_WRITE) != 0, frame);
    guard_leave();
    return result;
}

EXPORT int mprotect(void *at, size_t length, int prot)
{
    next_ready();
    if (prot & PROT_READ)
        return protect(at, length, prot, HERE);
    bounds_forget((uintptr_t)at, length);
    int result = protect(at, length, prot, HERE);
    bounds_forget((uintptr_t)at, length);
    return result;
}

static void *remap(void *old, size_t old_length, size_t length, int flags, void *wish, const void *frame)
{
    if (!options.mmap || !guard_enter(frame))
        return next.mremap(old, old_length, length, flags, wish);
    if (flags & MREMAP_FIXED)
        record_unmap(wish, length);
    uintptr_t lifted = record_lift(old, old_length);
    void *p = next.mremap(old, old_length, length, flags, wish);
    if (p == MAP_FAILED)
        record_drop(lifted, old, old_length);
    else
        record_land(lifted, old_length, p, length, (flags & 4 /* MREMAP_DONTUNMAP */) != 0, frame);
    guard_leave();
    return p;
}

static void forget_remapped(const void *old, size_t old_length, const void *wish, size_t length, int flags)
{
    bounds_forget((uintptr_t)old, old_length);
    if (flags & MREMAP_FIXED)
        bounds_forget((uintptr_t)wish, length);
}

/* The fifth argument exists only with MREMAP_FIXED (or MREMAP_DONTUNMAP); reading one that was not passed
 * reads a register, and passing it on harms nothing. Not declared with `...`, as in the header: gcc would lay
 * 176 bytes for such arguments on the stack. */
EXPORT void *mremap_with_wish(void *old, size_t old_length, size_t length, int flags,
                              void *wish) __asm__("mremap");

EXPORT void *mremap_with_wish(void *old, size_t old_length, size_t length, int flags, void *wish)
{
    next_ready();
    forget_remapped(old, old_length, wish, length, flags);
    void *p = remap(old, old_length, length, flags, wish, HERE);
    forget_remapped(old, old_length, wish, length, flags);
    return p;
}

#define PAGE_MASK ((uintptr_t)4095)

/* The break moved. Bytes that share a page with what was there before count with that page. A range that is
 * given back is forgotten after the kernel has it back: nothing else is ever mapped there but by a hint. */
static __attribute__((noinline)) void after_break(uintptr_t from, uintptr_t to, const void *frame)
{
    uintptr_t first = (from + PAGE_MASK) & ~PAGE_MASK, last = (to + PAGE_MASK) & ~PAGE_MASK;
    if (first < last)
        record_map((void *)first, last - first, true, frame);
    else if (last < first)
        record_unmap((void *)last, first - last);
}

#define FAILED ((void *)-1)

EXPORT void *sbrk(intptr_t increment)
{
    next_ready();
    if (!increment || !options.mmap || !guard_enter(HERE))
        return next.sbrk(increment);
    void *before = next.sbrk(increment);
    if (before != FAILED)
        after_break((uintptr_t)before, (uintptr_t)before + (uintptr_t)increment, HERE);
    guard_leave();
    return before;
}

EXPORT int brk(void *end)
{
    next_ready();
    if (!options.mmap || !guard_enter(HERE))
        return next.brk(end);
    void *before = next.sbrk(0);
    int result = next.brk(end);
    if (result == 0 && before != FAILED)
        after_break((uintptr_t)before, (uintptr_t)end, HERE);
    guard_leave();
    return result;
}
