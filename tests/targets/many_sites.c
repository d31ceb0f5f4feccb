/* Very many distinct call paths to one malloc: ten levels with four ways each, no recursion.
 *
 *     many_sites [--paths N] [--threads N]     the first N of 1,048,576 paths, each thread all of them
 */
#include "target.h"

#include <pthread.h>

static long paths;

NAMED static void *level0(unsigned path)
{
    return malloc(16 + path % 2);
}

#define WAY(name, below)                                                                                     \
    NAMED static void *name(unsigned path)                                                                   \
    {                                                                                                        \
        return below(path / 4);                                                                              \
    }
#define LEVEL(n, below)                                                                                      \
    WAY(north##n, below)                                                                                     \
    WAY(east##n, below)                                                                                      \
    WAY(south##n, below)                                                                                     \
    WAY(west##n, below)                                                                                      \
    static void *level##n(unsigned path)                                                                     \
    {                                                                                                        \
        static void *(*const ways[])(unsigned) = {north##n, east##n, south##n, west##n};                     \
        return ways[path % 4](path);                                                                         \
    }
LEVEL(1, level0)
LEVEL(2, level1)
LEVEL(3, level2)
LEVEL(4, level3)
LEVEL(5, level4)
LEVEL(6, level5)
LEVEL(7, level6)
LEVEL(8, level7)
LEVEL(9, level8)
LEVEL(10, level9)

/* Of two blocks one stays. */
static void *walk(void *unused)
{
    void *last = NULL;
    for (long path = 0; path < paths; path++) {
        void *block = level10((unsigned)path);
        if (!block)
            exit(1);
        free(last);
        last = path % 2 ? block : NULL;
    }
    free(last);
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t threads[64];
    int count = (int)option_number(argv, "threads", 1);
    (void)argc;
    paths = (long)option_number(argv, "paths", 1 << 20);
    for (int i = 0; i < count && i < 64; i++)
        if (pthread_create(&threads[i], NULL, walk, NULL))
            return 1;
    for (int i = 0; i < count && i < 64; i++)
        pthread_join(threads[i], NULL);
    printf("%ld paths ended well\n", paths);
    return 0;
}
