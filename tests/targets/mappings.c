/* Memory straight from mmap: as heaps of other kinds take it. A list of arenas that only grows; a
 * reservation without access whose pages are opened little by little (V8, JVMs); arenas trimmed to
 * alignment by unmapping their ends, used, and given back.
 *
 * And the break, which moves up and back by a page or two and is each time left a page higher.
 *
 *     mappings [--seconds N]
 */
#include "target.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define ARENA    (64u << 10)
#define RESERVED (UINT64_C(1) << 30)
/* Each time 4 KiB would be a site below the threshold. */
#define BREAK_PAGE (16l << 10)

NAMED static void *map_arena(void)
{
    return mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

NAMED static void open_more(char *reserved, size_t *opened)
{
    if (mprotect(reserved + *opened, ARENA, PROT_READ | PROT_WRITE) == 0)
        *opened += ARENA;
}

/* An arena at a multiple of its size: mapped twice as large, its ends cut off. */
NAMED static char *map_aligned(void)
{
    char *start = mmap(NULL, 2 * ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
        exit(1);
    size_t before = (ARENA - (uintptr_t)start % ARENA) % ARENA;
    if (before)
        munmap(start, before);
    munmap(start + before + ARENA, ARENA - before);
    return start + before;
}

NAMED static void raise_break(long step)
{
    sbrk(3 * BREAK_PAGE);
    if (step % 2)
        sbrk(-2 * BREAK_PAGE);
    else if (brk((char *)sbrk(0) - 2 * BREAK_PAGE) != 0)
        exit(1);
}

int main(int argc, char **argv)
{
    (void)argc;
    puts("truth: growing map_arena\ntruth: growing open_more\ntruth: growing raise_break\ntruth: steady "
         "map_aligned");
    fflush(stdout);

    char *reserved = mmap(NULL, RESERVED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (reserved == MAP_FAILED)
        return 1;
    size_t opened = 0;
    char *aligned[16] = {0};
    struct pace pace = pace_of(argv);
    while (pace_step(&pace)) {
        free(malloc(100)); /* time passes for a recorder that lives on allocations */
        if (pace.done % 10 == 0) {
            map_arena();
            open_more(reserved, &opened);
            raise_break(pace.done / 10);
        }
        char **slot = &aligned[pace.done % 16];
        if (*slot)
            munmap(*slot, ARENA);
        *slot = map_aligned();
    }
    for (int i = 0; i < 16; i++)
        if (aligned[i])
            munmap(aligned[i], ARENA);
    printf("truth: live_bytes map_arena %ld\n", pace.steps / 10 * ARENA);
    printf("truth: live_bytes open_more %zu\n", opened);
    printf("truth: live_bytes raise_break %ld\n", pace.steps / 10 * BREAK_PAGE);
    puts("truth: live_bytes map_aligned 0");
    return 0;
}
