/* A program with one mistake for each sanitizer.
 *
 *     mistakes none|freed|lost|overflow
 */
#include "target.h"

static void *kept;

NAMED static int freed(void)
{
    volatile char *block = malloc(10);
    block[0] = 1;
    free((void *)block);
    return block[0] != 0;
}

NAMED static void lost(void)
{
    for (int i = 0; i < 3; i++) {
        kept = malloc(77);
        memset(kept, i, 77);
    }
    kept = NULL;
}

int main(int argc, char **argv)
{
    volatile int most = 2147483647;
    for (int i = 0; i < 1000; i++)
        free(malloc(100));
    if (strcmp(argv[1], "freed") == 0)
        return freed() & 0;
    if (strcmp(argv[1], "lost") == 0)
        lost();
    if (strcmp(argv[1], "overflow") == 0)
        printf("%d\n", most + argc);
    puts("ended");
    return 0;
}
