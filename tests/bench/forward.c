/* Preloaded: forwards every call of the malloc family and does nothing else, the least that any interposer
 * costs
 * ("nop"). Built with COUNT it counts them as well, and writes "CALLS N" to the file that BENCH_CALLS names.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef COUNT
static _Atomic long calls;
#define CALLED() __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED)

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("BENCH_CALLS");
    char line[64];
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (fd >= 0 && write(fd, line, (size_t)snprintf(line, sizeof line, "%ld\n", calls)) > 0)
        close(fd);
}
#else
#define CALLED() ((void)0)
#endif

/* dlsym itself may allocate before there is anything to forward to. */
static _Alignas(16) char early[1 << 16];
static size_t early_used;

static void *early_block(size_t size)
{
    void *p = early + early_used;
    early_used += (size + 15) & ~(size_t)15;
    return early_used <= sizeof early ? p : NULL;
}

static int is_early(const void *p)
{
    return (const char *)p >= early && (const char *)p < early + sizeof early;
}

static void *(*next_malloc)(size_t), *(*next_calloc)(size_t, size_t), *(*next_realloc)(void *, size_t);
static void (*next_free)(void *);

static void *find(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void start(void)
{
    *(void **)&next_malloc = find("malloc");
    *(void **)&next_calloc = find("calloc");
    *(void **)&next_realloc = find("realloc");
    *(void **)&next_free = find("free");
}

void *malloc(size_t size)
{
    CALLED();
    return next_malloc ? next_malloc(size) : early_block(size);
}

void *calloc(size_t n, size_t size)
{
    CALLED();
    return next_calloc ? next_calloc(n, size) : early_block(n * size);
}

void *realloc(void *p, size_t size)
{
    CALLED();
    if (p && is_early(p)) {
        size_t rest = (size_t)(early + sizeof early - (char *)p); /* its own size is not known */
        void *moved = malloc(size);
        return moved ? memcpy(moved, p, size < rest ? size : rest) : NULL;
    }
    return next_realloc ? next_realloc(p, size) : early_block(size);
}

void free(void *p)
{
    CALLED();
    if (p && next_free && !is_early(p))
        next_free(p);
}
