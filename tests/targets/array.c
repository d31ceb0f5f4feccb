/* Kind 1, an array that is only ever appended to: its elements grow with every step, and the array
 * itself by realloc, doubling: flat for half of its life, and still without bound.
 *
 *     array [--seconds N] [--free]
 */
#include "target.h"

struct measurement {
    long number;
    char text[120];
};

static struct measurement **all;
static size_t count, room;

NAMED static void grow_array(void)
{
    room = room ? 2 * room : 64;
    all = realloc(all, room * sizeof *all);
    if (!all)
        exit(1);
}

NAMED static struct measurement *new_measurement(long number)
{
    struct measurement *m = malloc(sizeof *m);
    if (!m)
        exit(1);
    *m = (struct measurement){.number = number};
    return m;
}

NAMED static void append(long number)
{
    if (count == room)
        grow_array();
    all[count++] = new_measurement(number);
}

NAMED static void free_all(void)
{
    for (size_t i = 0; i < count; i++)
        free(all[i]);
    free(all);
}

int main(int argc, char **argv)
{
    (void)argc;
    puts("truth: growing grow_array\ntruth: growing new_measurement");
    fflush(stdout);

    struct pace pace = pace_of(argv);
    while (pace_step(&pace))
        for (int i = 0; i < 40; i++)
            append(pace.done);
    if (option(argv, "free"))
        free_all();
    return 0;
}
