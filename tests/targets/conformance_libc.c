/* What comes to the allocator through libc, malloc's own settings, and the mapping calls with all their
 * errors. Prints results and errno without addresses: the same with the library and without.
 */
#include "target.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

#define PAGE 4096u

/* Sizes and addresses that no compiler may reason about. */
static volatile size_t huge = (size_t)1 << 46;
static unsigned char *volatile nowhere = (unsigned char *)((uintptr_t)1 << 46);

static void texts(void)
{
    char *line = NULL, *made = NULL, *memory = NULL;
    size_t room = 0, length = 0;
    FILE *file = tmpfile();
    for (int i = 0; i < 3000; i++)
        fputs("0123456789", file);
    fputs("\nsecond\nthird", file);
    rewind(file);
    errno = 1234;
    for (ssize_t got; (got = getline(&line, &room, file)) > 0;)
        printf("getline %zd, room %s, errno %d\n", got, room > (size_t)got ? "enough" : "SMALL", errno);
    free(line);
    line = NULL;
    room = 0;
    rewind(file);
    printf("getdelim %zd\n", getdelim(&line, &room, '9', file));
    free(line);
    fclose(file);
    errno = 1234;
    printf("asprintf %d", asprintf(&made, "%*d %s", 5000, 42, "end"));
    printf(" %zu errno %d\n", strlen(made), errno);
    free(made);
    file = open_memstream(&memory, &length);
    for (int i = 0; i < 10000; i++)
        fprintf(file, "%d ", i);
    fclose(file);
    printf("open_memstream %zu %s\n", length, strlen(memory) == length ? "whole" : "CUT");
    free(memory);
    wchar_t *wide = wcsdup(L"wide text");
    printf("wcsdup %zu\n", wcslen(wide));
    free(wide);
    char *path = realpath("/proc/../proc/./self/..", NULL), *folder = getcwd(NULL, 0);
    printf("realpath %s, getcwd %s\n", path, folder ? "a folder" : "NULL");
    free(path);
    free(folder);
}

static void settings(void)
{
    errno = 1234;
    printf("mallopt %d", mallopt(M_MMAP_THRESHOLD, 1 << 20));
    printf(" %d", mallopt(M_ARENA_MAX, 1));
    printf(" unknown %d errno %d\n", mallopt(-12345, 1), errno);
    void *kept[200];
    for (int i = 0; i < 200; i++)
        kept[i] = malloc(4000);
    struct mallinfo2 before = mallinfo2();
    for (int i = 0; i < 200; i++)
        free(kept[i]);
    struct mallinfo2 after = mallinfo2();
    printf("mallinfo2: %zu bytes fewer in use\n", before.uordblks - after.uordblks);
    void *mapped = malloc(2 << 20);
    printf("mallinfo2: %zu mapped\n", mallinfo2().hblks - after.hblks);
    free(mapped);
    errno = 1234;
    printf("malloc_trim %d", malloc_trim(0));
    printf(" %d errno %d\n", malloc_trim(0), errno);
}

/* A slack that malloc_usable_size promises is the program's, whatever was asked for. */
static void slack(void)
{
    for (size_t size = 0; size < 5000; size += 7) {
        unsigned char *block = malloc(size), *next = malloc(size), *last = memalign(64, size);
        memset(block, 1, malloc_usable_size(block));
        memset(next, 2, malloc_usable_size(next));
        memset(last, 3, malloc_usable_size(last));
        for (size_t i = 0; i < size; i++)
            if (block[i] != 1 || next[i] != 2 || last[i] != 3)
                printf("size %zu: blocks OVERLAP\n", size);
        free(block);
        free(last);
        free(next);
    }
    puts("slack written");
}

static void *mapped(size_t size)
{
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Runs a mapping call with a known errno and shows what it did; what it is has no address in it. */
#define MAPS(call)                                                                                           \
    do {                                                                                                     \
        errno = 1234;                                                                                        \
        void *at_ = call;                                                                                    \
        printf("%s: %s errno %d\n", #call, at_ == MAP_FAILED ? "failed" : "mapped", errno);                  \
    } while (0)
#define DOES(call)                                                                                           \
    do {                                                                                                     \
        errno = 1234;                                                                                        \
        int result_ = call;                                                                                  \
        printf("%s: %d errno %d\n", #call, result_, errno);                                                  \
    } while (0)

static void mappings_that_fail(void)
{
    unsigned char *at = mapped(4 * PAGE);
    MAPS(mapped(0));
    MAPS(mapped(SIZE_MAX));
    MAPS(mapped(SIZE_MAX - PAGE));
    MAPS(mapped(huge * 4));
    MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0));
    MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 999, 0));
    MAPS(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0));
    MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 123));
    MAPS(mmap64(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 123));
    MAPS(mmap(at + 1, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    MAPS(mmap(at, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
    DOES(munmap(at, 0));
    DOES(munmap(at + 1, PAGE));
    DOES(munmap(nowhere, PAGE));
    DOES(munmap(at, SIZE_MAX));
    DOES(mprotect(at + 1, PAGE, PROT_READ));
    DOES(mprotect(nowhere, PAGE, PROT_READ));
    DOES(mprotect(at, 0, PROT_READ));
    MAPS(mremap(at, PAGE, 0, 0));
    MAPS(mremap(at + 1, PAGE, PAGE, 0));
    MAPS(mremap(nowhere, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
    MAPS(mremap(at, PAGE, 2 * PAGE, 0)); /* its own next page is in the way */
    MAPS(mremap(at, PAGE, PAGE, MREMAP_FIXED, nowhere));
    MAPS(mremap(at, PAGE, huge * 4, MREMAP_MAYMOVE));
    DOES(munmap(at, 4 * PAGE));
    DOES(munmap(at, 4 * PAGE)); /* nothing there any more */
}

static void mappings_that_move(void)
{
    unsigned char *at = mapped(8 * PAGE), *target = mapped(8 * PAGE), *moved;
    memset(at, 7, 8 * PAGE);
    DOES(munmap(at + 2 * PAGE, PAGE)); /* a hole */
    errno = 1234;
    moved = mremap(at, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
    printf("moved %d, %d %d errno %d\n", moved != at, moved[0], moved[2 * PAGE], errno);
    moved = mremap(moved, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target);
    printf("moved where told: %d, %d %d\n", moved == target, target[PAGE], target[5 * PAGE]);
    moved = mremap(target, 6 * PAGE, PAGE, 0);
    printf("shrunk in place: %d, %d\n", moved == target, target[0]);
    unsigned char *rest = mremap(at + 3 * PAGE, 5 * PAGE, 5 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
    printf("kept mapped: %d %d\n", at[3 * PAGE], rest[4 * PAGE]);
    DOES(mprotect(rest, PAGE, PROT_NONE));
    DOES(mprotect(rest, PAGE, PROT_READ | PROT_WRITE));
    printf("kept through PROT_NONE: %d\n", rest[0]);
    DOES(munmap(rest, 5 * PAGE));
    DOES(munmap(target, 8 * PAGE)); /* with a hole in it */
    DOES(munmap(at, 8 * PAGE));
}

static void program_break(void)
{
    unsigned char *start = sbrk(0);
    printf("sbrk: %s\n", sbrk(3 * PAGE) == start ? "grew at its end" : "grew elsewhere");
    memset(start, 9, 3 * PAGE);
    int result = brk(start);
    printf("brk: %d, %s\n", result, sbrk(0) == start ? "back" : "NOT back");
    errno = 1234;
    printf("sbrk(huge): %s errno %d\n", sbrk((intptr_t)huge) == (void *)-1 ? "failed" : "GREW", errno);
}

int main(int argc, char **argv)
{
    (void)argc;
    setvbuf(stdout, NULL, _IONBF, 0); /* a crash must show how far it came */
    program_break();
    texts();
    slack();
    if (!option(argv, "no-settings"))
        settings();
    mappings_that_fail();
    mappings_that_move();
    puts("ended well");
    return 0;
}
