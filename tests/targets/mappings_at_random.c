/* Random calls of the mmap family inside one window of addresses, and then what the kernel says of it:
 * private anonymous memory that may be written to, as /proc/self/maps lists it. Twenty thousand calls;
 * another seed each run, which is told and may be given as SEED.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>

#include "../unit/random.h"

#define PAGE   4096u
#define WINDOW 2048u /* pages */
#define MOST   64u   /* pages of one call */
#define CALLS  20000

static char *window;
static int file;

static char *any_page(unsigned *pages)
{
    *pages = 1 + below(MOST);
    return window + (size_t)below(WINDOW - *pages) * PAGE;
}

static int any_access(void)
{
    static const int accesses[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE};
    return accesses[below(4)];
}

/* Over whatever is there: private or shared, anonymous or of a file. */
static void map_some(char *at, size_t bytes, int kind)
{
    mmap(at, bytes, any_access(), kind | MAP_FIXED, kind & MAP_ANONYMOUS ? -1 : file, 0);
}

/* mprotect over a hole fails half-way, so there is to be none. */
static void fill_holes(char *at, size_t bytes)
{
    for (size_t offset = 0; offset < bytes; offset += PAGE)
        mmap(at + offset, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
             -1, 0);
}

/* What is moved is one mapping, or kernels differ in what a call that fails has done already. */
static void move_some(char *from, size_t bytes)
{
    unsigned pages;
    char *to = any_page(&pages);
    size_t become = (size_t)pages * PAGE, least = become < bytes ? become : bytes;
    if (to < from + bytes && from < to + become)
        return;
    map_some(from, bytes, MAP_PRIVATE | MAP_ANONYMOUS);
    if (below(4) == 0)
        mremap(from, least, least, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to);
    else if (below(3) == 0)
        mremap(from, bytes, bytes > PAGE ? bytes / 2 / PAGE * PAGE + PAGE : bytes, 0);
    else
        mremap(from, bytes, become, MREMAP_MAYMOVE | MREMAP_FIXED, to);
    fill_holes(from, bytes);
}

static void do_at_random(void)
{
    static const int kinds[] = {MAP_PRIVATE | MAP_ANONYMOUS, MAP_PRIVATE | MAP_ANONYMOUS,
                                MAP_SHARED | MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED};
    unsigned pages;
    char *at = any_page(&pages);
    size_t bytes = (size_t)pages * PAGE;
    switch (below(8)) {
    case 0:
        munmap(at, bytes);
        fill_holes(at, bytes);
        break;
    case 1:
        move_some(at, bytes);
        break;
    case 2:
    case 3:
    case 4:
        mprotect(at, bytes, any_access());
        break;
    default:
        map_some(at, bytes, kinds[below(5)]);
    }
}

static uint64_t writable_bytes(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512], access[8];
    uintptr_t start, end, from = (uintptr_t)window, until = from + (uintptr_t)WINDOW * PAGE;
    uint64_t inode, sum = 0;
    while (maps && fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s %*x %*s %" SCNu64, &start, &end, access, &inode) != 4)
            continue;
        start = start < from ? from : start;
        end = end > until ? until : end;
        if (start < end && access[1] == 'w' && access[3] == 'p' && inode == 0)
            sum += end - start;
    }
    if (maps)
        fclose(maps);
    return sum;
}

int main(void)
{
    char name[] = "/tmp/leakwatch-target.XXXXXX";
    random_start();
    file = mkstemp(name);
    window = mmap(NULL, (size_t)WINDOW * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (file < 0 || unlink(name) != 0 || ftruncate(file, MOST * PAGE) != 0 || window == MAP_FAILED)
        return 1;
    for (int call = 0; call < CALLS; call++)
        do_at_random();
    printf("writable: %" PRIu64 "\n", writable_bytes());
    return 0;
}
