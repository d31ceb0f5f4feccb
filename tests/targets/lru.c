/* The cache of memo.c, bounded by LRU: full after 5,000 keys (0.17 s), and level from then on.
 *
 *     lru [--seconds N] [--free]
 */
#include "cache.h"

int main(int argc, char **argv)
{
    (void)argc;
    puts("truth: steady remember");
    fflush(stdout);
    cache_run(argv, 5000);
    return 0;
}
