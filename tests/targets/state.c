/* Kind 3, module state: loaded once at the start, used ever after. Large, old, and no leak.
 *
 *     state [--seconds N] [--free]
 */
#include "target.h"

#define WORDS 50000

static char *words[WORDS];

NAMED static void load_module(void)
{
    for (int i = 0; i < WORDS; i++) {
        words[i] = malloc(100);
        if (!words[i])
            exit(1);
        snprintf(words[i], 100, "word %d of the module", i);
    }
}

NAMED static size_t look_up(long number)
{
    char *copy = strdup(words[number % WORDS]);
    if (!copy)
        exit(1);
    size_t length = strlen(copy);
    free(copy);
    return length;
}

int main(int argc, char **argv)
{
    (void)argc;
    puts("truth: resident load_module\ntruth: steady look_up");
    fflush(stdout);

    load_module();
    struct pace pace = pace_of(argv);
    size_t letters = 0;
    while (pace_step(&pace))
        for (int i = 0; i < 100; i++)
            letters += look_up(pace.done * i);
    printf("%zu letters\n", letters);
    if (option(argv, "free"))
        for (int i = 0; i < WORDS; i++)
            free(words[i]);
    return 0;
}
