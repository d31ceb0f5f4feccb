/* Next: the functions we stand in front of. The one owner of dlsym.
 *
 * Each hook forwards its raw arguments to the same-named next function (RTLD_NEXT), so a program on
 * jemalloc or tcmalloc keeps its allocator. What may be the process's first call (malloc, calloc,
 * realloc, free) starts as a stand-in that looks everything up, so the hot path has no question to ask;
 * the others call next_ready. What dlsym itself allocates meanwhile comes from a small arena.
 */
#ifndef LEAKWATCH_PRELOAD_NEXT_H
#define LEAKWATCH_PRELOAD_NEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hints.h"

struct next {
    void *(*malloc)(size_t);
    void (*free)(void *);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*reallocarray)(void *, size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    void (*cfree)(void *);
    void (*free_sized)(void *, size_t);
    void (*free_aligned_sized)(void *, size_t, size_t);
    size_t (*malloc_usable_size)(void *);
    void *(*mmap)(void *, size_t, int, int, int, off_t);
    void *(*mmap64)(void *, size_t, int, int, int, off_t);
    int (*munmap)(void *, size_t);
    void *(*mremap)(void *, size_t, size_t, int, ...);
    int (*mprotect)(void *, size_t, int);
    void *(*sbrk)(intptr_t);
    int (*brk)(void *);
    int (*dlclose)(void *);
    int (*setenv)(const char *, const char *, int);
    int (*prctl)(int, unsigned long, unsigned long, unsigned long, unsigned long);
    void (*exit)(int) __attribute__((noreturn));
    void (*_exit)(int) __attribute__((noreturn));
    void (*quick_exit)(int) __attribute__((noreturn));
    int (*daemon)(int, int);
    int (*libc_start_main)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
                           void (*)(void), void *);
};
extern HIDDEN struct next next;

/* The C library's, or what stands before it; does the call itself before next_find. */
extern HIDDEN long (*next_syscall)(long number, ...);

/* The next malloc and the next malloc_usable_size are one allocator's. */
extern HIDDEN bool next_has_sizes;
/* Requested sizes must be remembered beside the live table: sampling, or no usable sizes. */
extern HIDDEN bool next_keeps_sizes;

/* Looks everything up, once. Idempotent; needs nothing but the loader. */
void next_find(void);
extern HIDDEN bool next_found;

/* The names that many allocators lack: cfree and the sized frees; until then free serves for them. A name
 * that is not there makes the loader allocate its error message, so this is for the constructor only: a
 * malloc that is linked into the program calls our mmap with its own lock held, while it starts. */
void next_find_optional(void);

static inline void next_ready(void)
{
    if (unlikely(!next_found))
        next_find();
}

/* While this thread sets the library up, with the guard held: what libc and the loader allocate is for us and
 * comes from the arena. The program's allocator is not to see a call that the program did not make. */
extern HIDDEN __thread bool next_for_us;

/* Sets it back, and leaves dlerror nothing to tell. */
void next_for_us_ends(void);

#define NEXT_ARENA_BYTES 65536u
extern HIDDEN unsigned char next_arena_room[NEXT_ARENA_BYTES];

/* A zero block of the arena, or NULL with errno. */
void *next_arena(size_t size);

/* Such a block: it is not to be passed on. */
static inline bool next_is_arena(const void *p)
{
    return (uintptr_t)p - (uintptr_t)next_arena_room < NEXT_ARENA_BYTES;
}
size_t next_arena_size(const void *p);

/* The next malloc, and what tells its blocks' sizes, are those of the C library itself. */
bool next_is_glibc(void);

/* Path of the object that provides the next malloc, or "" (static storage of the loader). */
const char *next_allocator(void);

/* Path of the object whose malloc the program finds before ours (the program itself has no path of its own:
 * that is given), or "" if ours is the first. Asks the loader: not for hooks. */
const char *next_in_front(const char *program);

/* This operator new or delete is of the object that provides the next malloc. */
bool next_is_allocators(const void *operator_function);

/* This operator new or delete is libstdc++'s (or libc++'s), which goes through malloc or free. */
bool next_calls_malloc(const void *operator_function);

/* An operator new or delete of the program, its libraries or what was preloaded after us, or NULL. */
void *next_operator(const char *name);

#endif
