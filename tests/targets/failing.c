/* An allocator that fails when told to: glibc's, counted. To be preloaded after the library.
 *
 *     FAIL_AT=n      the n-th call of the process fails
 *     FAIL_FROM=n    so does every one after it
 *
 * With neither, the process says on stderr at its end how many calls reached the allocator.
 */
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static long calls, fail_at, fail_from;

/* Not getenv: bash has its own. 0 before libc has an environment. */
static long number_of(const char *variable)
{
    size_t length = strlen(variable);
    for (char **entry = environ; entry && *entry; entry++)
        if (strncmp(*entry, variable, length) == 0)
            return atol(*entry + length);
    return 0;
}

static bool fails(void)
{
    if (fail_at == 0 && fail_from == 0) {
        fail_at = number_of("FAIL_AT=");
        fail_from = number_of("FAIL_FROM=");
    }
    long call = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    if (call != fail_at && (fail_from == 0 || call < fail_from))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    return fails() ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, bytes);
}

void *memalign(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    int error = errno;
    void *fresh = memalign(alignment, size);
    errno = error;
    if (!fresh)
        return ENOMEM;
    *block = fresh;
    return 0;
}

void free(void *block)
{
    __libc_free(block);
}

__attribute__((destructor)) static void say(void)
{
    char line[64];
    if (fail_at || fail_from)
        return;
    int length = snprintf(line, sizeof line, "calls: %ld\n", calls);
    if (write(STDERR_FILENO, line, (size_t)length) != length)
        _exit(1);
}
