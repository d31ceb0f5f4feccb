/* Corner cases of size: gigabytes live and terabytes passed at one site, requests that nobody can grant, and
 * an address space that is used up. Truths go to a file, because how much fits is not always the same.
 *
 *     extremes --truth FILE              sites beyond 2^32 live bytes and 2^40 allocated ones
 *     extremes --truth FILE --limited    under RLIMIT_AS (1 GiB): malloc, calloc and realloc fail for want of
 * memory
 */
#include "target.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>

#define GIB    ((size_t)1 << 30)
#define MIB    ((size_t)1 << 20)
#define LIVE   6
#define PASSED 1100
#define MOST   2048

static const volatile size_t half = SIZE_MAX / 2 + 2, largest = PTRDIFF_MAX;

NAMED static void *holds_gigabytes(void) /* never touched: address space only */
{
    return malloc(GIB);
}

NAMED static void *passes_terabytes(void)
{
    return malloc(GIB);
}

NAMED static void *fills(void)
{
    return malloc(MIB);
}

NAMED static void *moves(void *block, size_t size)
{
    return realloc(block, size);
}

static void must(bool holds, const char *what)
{
    if (!holds) {
        printf("FAILED: %s\n", what);
        exit(1);
    }
}

/* A failed resize leaves the block as it was, and so it is freed only once. */
static void fail_to_move(unsigned char *block, size_t size)
{
    block[0] = 42;
    errno = 0;
    must(moves(block, size) == NULL && errno == ENOMEM && block[0] == 42, "realloc");
    must(reallocarray(block, half, 2) == NULL && block[0] == 42, "reallocarray");
}

static void ask_the_impossible(void)
{
    void *p = &p;
    must(malloc(largest) == NULL && errno == ENOMEM, "malloc(PTRDIFF_MAX)");
    must(calloc(half, 2) == NULL && reallocarray(NULL, half, 2) == NULL, "overflow");
    must(posix_memalign(&p, 64, largest) == ENOMEM && p == &p, "posix_memalign");
    free(malloc(GIB << 10)); /* a TiB: granted or not */
    unsigned char *block = fills();
    must(block != NULL, "malloc");
    fail_to_move(block, largest);
    must(moves(block, 0) == NULL, "realloc(p, 0)");
}

static void be_large(FILE *truth)
{
    size_t live = 0, passed = 0;
    for (int i = 0; i < LIVE; i++)
        live += malloc_usable_size(holds_gigabytes());
    for (int i = 0; i < PASSED; i++) {
        void *block = passes_terabytes();
        passed += malloc_usable_size(block);
        free(block);
    }
    fprintf(truth, "truth: live_bytes holds_gigabytes %zu\n", live);
    fprintf(truth, "truth: live_blocks holds_gigabytes %d\n", LIVE);
    fprintf(truth, "truth: allocated_bytes passes_terabytes %zu\n", passed);
    fprintf(truth, "truth: live_bytes passes_terabytes 0\n");
    fputs("truth: live_blocks fills 0\ntruth: allocations fills 1\n", truth);
}

static void be_limited(FILE *truth)
{
    static void *blocks[MOST];
    int count = 0, kept = 0;
    while (count < MOST && (blocks[count] = fills()))
        count++;
    must(count > 100 && count < MOST, "a limit");
    fail_to_move(blocks[0], 512 * MIB);
    must(calloc(MIB, 512) == NULL, "calloc");
    for (int i = 0; i < count; i++) {
        if (i % 2)
            free(blocks[i]);
        else
            kept++;
    }
    must((blocks[0] = moves(blocks[0], 10)) != NULL, "realloc to less");
    fprintf(truth, "truth: allocations fills %d\n", count + 1);
    fprintf(truth, "truth: live_blocks fills %d\n", kept - 1);
    fprintf(truth, "truth: live_blocks moves 1\n");
}

int main(int argc, char **argv)
{
    FILE *truth = argc > 2 ? fopen(argv[2], "w") : NULL;
    must(truth != NULL, "extremes --truth FILE");
    bool limited = option(argv, "limited");
    setvbuf(truth, NULL, _IONBF, 0);
    ask_the_impossible();
    (limited ? be_limited : be_large)(truth);
    fclose(truth);
    puts("ended well");
    return 0;
}
