/* A range of pages is unmapped piece by piece, then once more as a whole, and mapped again where it was: both
 * are the program's right, whatever somebody else had put into the holes meanwhile. Each hole makes whoever
 * follows the mappings remember more, and the blocks in between do so for whoever follows these.
 */
#include <stdint.h>
#include <sys/mman.h>

#include "target.h"

#define PAGE   ((size_t)4096)
#define PAGES  ((size_t)20000)
#define BLOCKS 20000

NAMED static void *map(void *at)
{
    int fixed = at ? MAP_FIXED : 0;
    return mmap(at, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | fixed, -1, 0);
}

/* From the top down one page after the other, from the bottom up every second one. */
static void make_holes(unsigned char *range)
{
    for (size_t i = 0; i < PAGES / 2; i++) {
        munmap(range + (PAGES - 1 - i) * PAGE, PAGE);
        if (i % 2)
            munmap(range + i * PAGE, PAGE);
    }
}

/* Of a size each, far from each other: a recorder's tables grow. By brk: the holes stay what they are. */
NAMED static void *keep(size_t i)
{
    unsigned char *block = malloc(100 + i % 5000);
    block[0] = (unsigned char)i;
    return block;
}

int main(int argc, char **argv)
{
    (void)argc;
    static unsigned char *blocks[BLOCKS];
    unsigned char *range = map(NULL), sum = 0;
    int rounds = (int)option_number(argv, "rounds", 5);
    for (int round = 0; round < rounds; round++) {
        make_holes(range);
        for (size_t i = (size_t)round; i < BLOCKS; i += (size_t)rounds)
            blocks[i] = keep(i);
        munmap(range, PAGES * PAGE);
        if (map(range) != range)
            return 1;
        for (size_t i = 0; i < PAGES; i++)
            sum = (unsigned char)(sum + range[i * PAGE]);
        range[(size_t)round * PAGE] = 1;
    }
    for (size_t i = 0; i < BLOCKS; i++)
        sum = (unsigned char)(sum + blocks[i][0]);
    printf("%u, all blocks as they were\n", sum);
    return 0;
}
