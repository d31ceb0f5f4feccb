/* Fragmentation: of each burst a few small blocks stay, until those of the next burst take their place. What
 * is live is small and stays so; the pages that the survivors lie on are resident, and nobody can give them
 * back.
 *
 *     fragments [--seconds N] [--retain]      --retain: nothing of a burst stays, but malloc is told to keep
 * all
 */
#include <malloc.h>

#include "target.h"

#define BLOCKS 150000
#define STAYS  10 /* one in so many */

static char *burst[BLOCKS], *kept[BLOCKS / STAYS];
static unsigned seed = 1;

static size_t any_size(void)
{
    seed = seed * 1103515245u + 12345u;
    return 300 + (seed >> 16) % 400;
}

NAMED static void fill_burst(void)
{
    for (int i = 0; i < BLOCKS; i++) {
        size_t size = any_size();
        burst[i] = malloc(size);
        if (!burst[i])
            exit(1);
        memset(burst[i], 1, size);
    }
}

static void end_burst(int number, bool retain)
{
    for (int i = 0; i < BLOCKS; i++) {
        if (retain || i % STAYS != number % STAYS) {
            free(burst[i]);
            continue;
        }
        free(kept[i / STAYS]);
        kept[i / STAYS] = burst[i];
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    puts("truth: steady fill_burst");
    fflush(stdout);
    bool retain = option(argv, "retain");
    if (retain)
        mallopt(M_TRIM_THRESHOLD, 1 << 30);
    struct pace pace = pace_of(argv);
    while (pace_step(&pace))
        if (pace.done % 100 == 1) {
            fill_burst();
            end_burst((int)(pace.done / 100), retain);
        }
    return 0;
}
