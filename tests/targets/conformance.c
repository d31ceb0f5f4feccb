/* The malloc family to the letter. Prints what each call does: result, errno, alignment, contents,
 * usable size. Addresses are left out, so the output must be the same, byte for byte, with the library
 * and without, under every allocator.
 *
 *     conformance [--no-pvalloc]      for an allocator that leaves pvalloc to glibc (jemalloc): a block
 *                                     from there is not its to free
 */
#include "target.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>

/* Sizes that no compiler may reason about. */
static volatile size_t huge = PTRDIFF_MAX, half = SIZE_MAX / 2 + 2, zero = 0;

/* Blocks of 8 bytes lie where they like within 16 (tcmalloc), all others are aligned. */
static bool aligned_enough(void *block)
{
    return (uintptr_t)block % (malloc_usable_size(block) < 16 ? 8 : 16) == 0;
}

static void show(const char *call, void *block, int error)
{
    printf("%-34s %s errno %d", call, block ? "block" : "NULL ", error);
    if (block)
        printf(" usable %zu %s", malloc_usable_size(block), aligned_enough(block) ? "aligned" : "ODD");
    putchar('\n');
}

/* Runs a call with a known errno and shows it; what it returned is freed. */
#define TRY(call)                                                                                            \
    do {                                                                                                     \
        errno = 1234;                                                                                        \
        void *block_ = call;                                                                                 \
        show(#call, block_, errno);                                                                          \
        errno = 4321;                                                                                        \
        free(block_);                                                                                        \
        printf("%-34s errno %d\n", "free", errno);                                                           \
    } while (0)

static void plain(void)
{
    static const size_t sizes[] = {0, 1, 8, 15, 16, 17, 24, 25, 100, 1000, 4096, 65536, 1 << 20, 40 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        printf("size %zu\n", sizes[i]);
        TRY(malloc(sizes[i]));
        TRY(calloc(1, sizes[i]));
        TRY(calloc(sizes[i], 1));
        TRY(realloc(NULL, sizes[i]));
        TRY(reallocarray(NULL, 3, sizes[i]));
    }
    TRY(malloc(huge));
    TRY(malloc(SIZE_MAX - zero));
    TRY(calloc(half, 2));
    TRY(calloc(2, half));
    TRY(calloc(zero, half));
    TRY(realloc(NULL, huge));
    TRY(reallocarray(NULL, half, 2));
    TRY(strdup("a text"));
    TRY(strndup("a text", 3));
    errno = 77;
    free(NULL);
    printf("free(NULL) errno %d usable %zu\n", errno, malloc_usable_size(NULL));
}

/* Is the block zero, or filled with its first bytes' pattern? */
static bool holds(const unsigned char *block, unsigned char value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (block[i] != value)
            return false;
    return true;
}

static void contents(void)
{
    for (size_t size = 1; size < 3000000; size = size * 3 + 1) {
        unsigned char *dirty = malloc(size);
        memset(dirty, 0xee, size);
        free(dirty);
        unsigned char *clean = calloc(1, size);
        printf("calloc %zu: %s\n", size, holds(clean, 0, size) ? "zero" : "DIRTY");
        memset(clean, 0x55, size);
        unsigned char *larger = realloc(clean, 2 * size);
        printf("realloc up: %s\n", holds(larger, 0x55, size) ? "kept" : "LOST");
        unsigned char *smaller = realloc(larger, size / 2 + 1);
        printf("realloc down: %s\n", holds(smaller, 0x55, size / 2 + 1) ? "kept" : "LOST");
        unsigned char *array = reallocarray(smaller, 3, size);
        printf("reallocarray: %s\n", holds(array, 0x55, size / 2 + 1) ? "kept" : "LOST");
        /* All that malloc_usable_size says may be written. */
        memset(array, 0x11, malloc_usable_size(array));
        free(array);
    }
}

static void failed_realloc(void)
{
    unsigned char *volatile block = malloc(100); /* volatile: gcc takes a realloc for a success */
    memset(block, 0x77, 100);
    errno = 1234;
    void *none = realloc(block, huge);
    printf("realloc(huge): %s errno %d, old block %s\n", none ? "block" : "NULL", errno,
           holds(block, 0x77, 100) ? "kept" : "LOST");
    errno = 1234;
    none = reallocarray(block, half, 2);
    printf("reallocarray(overflow): %s errno %d, old block %s\n", none ? "block" : "NULL", errno,
           holds(block, 0x77, 100) ? "kept" : "LOST");
    errno = 1234;
    void *left = realloc(block, zero); /* glibc frees it; others give a small block */
    printf("realloc(0): %s errno %d\n", left ? "block" : "NULL", errno);
    free(left);
    errno = 1234;
    left = realloc(malloc(5000), zero);
    printf("realloc(large, 0): %s errno %d\n", left ? "block" : "NULL", errno);
    free(left);
}

static void aligned(bool with_pvalloc)
{
    static const size_t alignments[] = {0, 1, 2, 3, 4, 7, 8, 12, 16, 24, 32, 48, 64, 100, 4096, 65536};
    for (size_t i = 0; i < sizeof alignments / sizeof *alignments; i++) {
        size_t alignment = alignments[i];
        printf("alignment %zu\n", alignment);

        void *block = (void *)0x1234;
        errno = 1234;
        int error = posix_memalign(&block, alignment, 100);
        if (error)
            printf("posix_memalign: %d errno %d, result %s\n", error, errno,
                   block == (void *)0x1234 ? "untouched" : "CHANGED");
        else
            printf("posix_memalign: 0 errno %d %s %s\n", errno,
                   malloc_usable_size(block) < 100 ? "SMALL" : "large enough", /* glibc: what was left over */
                   (uintptr_t)block % alignment ? "ODD" : "aligned");
        if (!error)
            free(block);

        /* What the allocators make of odd alignments differs; none of them crashes. */
        errno = 1234;
        block = aligned_alloc(alignment, 100);
        printf("aligned_alloc: %s errno %d\n", block ? "block" : "NULL", errno);
        free(block);
        if (alignment && (alignment & (alignment - 1)) == 0) {
            errno = 1234;
            block = memalign(alignment, 100);
            printf("memalign: %s errno %d %s\n", block ? "block" : "NULL", errno,
                   (uintptr_t)block % alignment ? "ODD" : "aligned");
            free(block);
        }
    }
    void *block = (void *)0x1234;
    errno = 1234;
    int error = posix_memalign(&block, 64, huge);
    printf("posix_memalign(huge): %d errno %d, result %s\n", error, errno,
           block == (void *)0x1234 ? "untouched" : "CHANGED");
    TRY(aligned_alloc(64, huge));
    TRY(memalign(64, huge));
    TRY(valloc(100));
    TRY(valloc(huge));
    if (with_pvalloc)
        TRY(pvalloc(100));
    block = valloc(1);
    printf("valloc: %s\n", (uintptr_t)block % 4096 ? "ODD" : "page aligned");
    free(block);
}

/* Alignments beyond a page, and what becomes of aligned blocks when they are resized. */
static void far_aligned(void)
{
    for (size_t alignment = 8192; alignment <= (4 << 20); alignment *= 4)
        for (size_t size = 0; size <= (2 << 20); size = size * 7 + 1000) {
            void *block = NULL;
            unsigned char *first = aligned_alloc(alignment, size), *second = memalign(alignment, size);
            int error = posix_memalign(&block, alignment, size);
            printf("%zu at %zu: %d, %s\n", size, alignment, error,
                   ((uintptr_t)first | (uintptr_t)second | (uintptr_t)block) % alignment ? "ODD" : "aligned");
            memset(first, 0x33, size);
            memset(block, 0x44, size);
            unsigned char *resized = realloc(first, size * 2 + 1);
            printf("realloc: %s\n", holds(resized, 0x33, size) ? "kept" : "LOST");
            free(block);
            free(resized);
            free(second);
        }
    TRY(aligned_alloc(half / 2, 100)); /* 2^62, which clang would know to be too much */
    TRY(memalign(1 << 20, SIZE_MAX - zero));
    TRY(realloc(NULL, SIZE_MAX - zero));
    TRY(reallocarray(NULL, zero, 100));
    TRY(reallocarray(NULL, 100, zero));
}

/* Old and new names that glibc 2.36 does not declare; an allocator may have them. */
static void rare(void)
{
    void *symbol;
    void (*cfree)(void *), (*free_sized)(void *, size_t), (*free_aligned_sized)(void *, size_t, size_t);
    if ((symbol = dlsym(RTLD_DEFAULT, "cfree"))) {
        memcpy(&cfree, &symbol, sizeof cfree);
        errno = 1234;
        cfree(malloc(100));
        if (errno != 1234) /* the library has these names always: no line when all is well */
            printf("cfree errno %d\n", errno);
    }
    if ((symbol = dlsym(RTLD_DEFAULT, "free_sized"))) {
        memcpy(&free_sized, &symbol, sizeof free_sized);
        free_sized(malloc(100), 100);
    }
    if ((symbol = dlsym(RTLD_DEFAULT, "free_aligned_sized"))) {
        memcpy(&free_aligned_sized, &symbol, sizeof free_aligned_sized);
        free_aligned_sized(aligned_alloc(64, 128), 64, 128);
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    setvbuf(stdout, NULL, _IONBF, 0); /* a crash must show how far it came */
    free(malloc(1)); /* an allocator may change errno when it starts: with the library, before main */
    plain();
    contents();
    failed_realloc();
    aligned(!option(argv, "no-pvalloc"));
    far_aligned();
    rare();
    puts("ended well");
    return 0;
}
