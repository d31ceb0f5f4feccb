/* See next.h. */
#include "next.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdint.h>

#include "hide.h"
#include "hints.h"
#include "sys.h"
#include "thread.h"

bool next_found, next_has_sizes, next_keeps_sizes;
__thread bool next_for_us;

/* The arena: blocks are bumped off, with their size in front, and live for ever. It serves only what
 * the loader and libc ask for on our behalf: in our first dlsym calls, and while the library is set up
 * (next_for_us); some 35 KiB, in one thread. */
_Alignas(16) unsigned char next_arena_room[NEXT_ARENA_BYTES];
static size_t arena_used;

void *next_arena(size_t size)
{
    size_t room = (size + 31) / 16 * 16;
    size_t at = __atomic_fetch_add(&arena_used, room, __ATOMIC_RELAXED);
    if (size > NEXT_ARENA_BYTES || at + room > NEXT_ARENA_BYTES) {
        errno = ENOMEM;
        return NULL;
    }
    *(size_t *)(void *)(next_arena_room + at) = size;
    return next_arena_room + at + 16;
}

size_t next_arena_size(const void *p)
{
    return *(const size_t *)(const void *)((const unsigned char *)p - 16);
}

/* Stand-ins: look up, then do what was asked for; while looking up, serve from the arena. */
static bool finding;

static void find_for_malloc(void);

static void *first_malloc(size_t size)
{
    find_for_malloc();
    return next.malloc == first_malloc ? next_arena(size) : next.malloc(size);
}

static void *first_calloc(size_t n, size_t size)
{
    size_t bytes;
    find_for_malloc();
    if (next.calloc != first_calloc)
        return next.calloc(n, size);
    if (__builtin_mul_overflow(n, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return next_arena(bytes); /* never used before, so it is zero */
}

static void first_free(void *p)
{
    find_for_malloc();
    if (next.free != first_free)
        next.free(p);
}

static void *first_realloc(void *p, size_t size)
{
    find_for_malloc();
    if (next.realloc != first_realloc)
        return next.realloc(p, size);
    void *fresh = next_arena(size);
    if (fresh && p)
        __builtin_memcpy(fresh, p, next_arena_size(p) < size ? next_arena_size(p) : size);
    return fresh;
}

struct next next = {
    .malloc = first_malloc,
    .free = first_free,
    .calloc = first_calloc,
    .realloc = first_realloc,
};

/* The words that the program did not give are whatever the registers hold, as in the C library. */
static long plain_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    long result = cpu_syscall(number, a, b, c, d, e, f);
    if (!sys_failed(result))
        return result;
    errno = (int)-result;
    return -1;
}

long (*next_syscall)(long, ...) = (long (*)(long, ...))(void *)plain_syscall;

static const void *module_of(const void *address)
{
    struct dl_find_object found;
    return address && _dl_find_object((void *)(uintptr_t)address, &found) == 0 ? found.dlfo_link_map : NULL;
}

bool next_is_glibc(void)
{
    const void *libc = module_of(*(void **)(void *)&next.libc_start_main);
    return libc && libc == module_of(*(void **)(void *)&next.malloc) &&
           libc == module_of(*(void **)(void *)&next.malloc_usable_size);
}

const char *next_allocator(void)
{
    const struct link_map *map = module_of(*(void **)(void *)&next.malloc);
    return map && map->l_name ? map->l_name : "";
}

const char *next_in_front(const char *program)
{
    void *first = dlsym(RTLD_DEFAULT, "malloc");
    const struct link_map *map = module_of(first), *ours = module_of(&next);
    if (!first || !ours || map == ours)
        return "";
    return map && map->l_name && *map->l_name ? map->l_name : program;
}

/* Stored only when found, so that a stand-in is never replaced by nothing. */
static void look_up(void *slot, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (found)
        __builtin_memcpy(slot, &found, sizeof found);
}

static struct next find_all(void)
{
    struct next n = next;
    look_up(&n.malloc, "malloc");
    look_up(&n.free, "free");
    look_up(&n.calloc, "calloc");
    look_up(&n.realloc, "realloc");
    look_up(&n.reallocarray, "reallocarray");
    look_up(&n.memalign, "memalign");
    look_up(&n.aligned_alloc, "aligned_alloc");
    look_up(&n.posix_memalign, "posix_memalign");
    look_up(&n.valloc, "valloc");
    look_up(&n.pvalloc, "pvalloc");
    look_up(&n.malloc_usable_size, "malloc_usable_size");
    look_up(&n.mmap, "mmap");
    look_up(&n.mmap64, "mmap64");
    look_up(&n.munmap, "munmap");
    look_up(&n.mremap, "mremap");
    look_up(&n.mprotect, "mprotect");
    look_up(&n.sbrk, "sbrk");
    look_up(&n.brk, "brk");
    look_up(&n.dlclose, "dlclose");
    look_up(&n.setenv, "setenv");
    look_up(&n.prctl, "prctl");
    look_up(&n.exit, "exit");
    look_up(&n._exit, "_exit");
    look_up(&n.quick_exit, "quick_exit");
    look_up(&n.daemon, "daemon");
    look_up(&n.libc_start_main, "__libc_start_main");
    look_up(&next_syscall, "syscall");
    return n;
}

void next_find_optional(void)
{
    look_up(&next.cfree, "cfree");
    look_up(&next.free_sized, "free_sized");
    look_up(&next.free_aligned_sized, "free_aligned_sized");
    if (!next.cfree)
        HIDE_NAME("cfree");
    if (!next.free_sized)
        HIDE_NAME("free_sized");
    if (!next.free_aligned_sized)
        HIDE_NAME("free_aligned_sized");
    dlsym(RTLD_NEXT, "malloc"); /* a success: dlerror has nothing to tell */
}

/* None at start: what plugins bring is theirs alone. */
static void hide_needless_operators(void)
{
    if (dlsym(RTLD_NEXT, "_Znwm"))
        return;
    dlsym(RTLD_NEXT, "malloc"); /* a success: dlerror has nothing to tell */
    hide("_Zn", 3);
    hide("_Zd", 3);
}

/* The first call of the process comes before it has a second thread: starting one allocates.
 * by_malloc: ours, so that what the loader allocates for an error message comes to the arena. */
static COLD void find(bool by_malloc)
{
    if (next_found || finding)
        return;
    int error = errno;
    finding = true;
    if (!self) /* an IFUNC resolver of the program: the loader has not filled in this thread's variables yet
                */
        self = &thread_nobody;
    struct next n = find_all();
    if (by_malloc)
        hide_needless_operators();
    next = n;
    const void *allocator = module_of(*(void **)(void *)&next.malloc);
    next_has_sizes = allocator && allocator == module_of(*(void **)(void *)&next.malloc_usable_size);
    next_found = true;
    finding = false;
    errno = error;
}

void next_find(void)
{
    find(false);
}

static void find_for_malloc(void)
{
    find(true);
}

void next_for_us_ends(void)
{
    dlsym(RTLD_NEXT, "malloc"); /* a success */
    next_for_us = false;
}

void *next_operator(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

bool next_is_allocators(const void *operator_function)
{
    return module_of(operator_function) == module_of(*(void **)(void *)&next.malloc);
}

bool next_calls_malloc(const void *operator_function)
{
    const struct link_map *map = module_of(operator_function);
    const char *path = map && map->l_name ? map->l_name : "";
    return __builtin_strstr(path, "/libstdc++.") || __builtin_strstr(path, "/libc++abi.") ||
           __builtin_strstr(path, "/libc++.");
}
