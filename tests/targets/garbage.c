/* Kind 4, a huge loop of garbage: memory is made faster than it is collected, a sawtooth that goes back
 * to where it was every 50 ms. --leaky: 40 objects survive each collection, so the trough rises:
 * growing, although the teeth are larger than the leak for a long time.
 *
 *     garbage [--seconds N] [--leaky] [--free]
 */
#include "target.h"

#define TOOTH     40  /* steps of making garbage */
#define PERIOD    50  /* steps; the rest of them runs on what is left */
#define OBJECTS   100 /* a step */
#define SURVIVORS 40  /* a tooth, when leaky */

struct object {
    struct object *next;
    char body[200];
};

static struct object *young, *old;

NAMED static void make_garbage(void)
{
    struct object *o = malloc(sizeof *o);
    if (!o)
        exit(1);
    memset(o->body, 1, sizeof o->body);
    o->next = young;
    young = o;
}

NAMED static void collect(struct object **list, int survivors)
{
    while (*list) {
        struct object *o = *list;
        *list = o->next;
        if (survivors-- > 0) {
            o->next = old;
            old = o;
        } else {
            free(o);
        }
    }
}

/* Work that makes no garbage that lasts. */
NAMED static void use(long number)
{
    char *text = malloc(64);
    if (!text)
        exit(1);
    snprintf(text, 64, "%ld", number);
    free(text);
}

int main(int argc, char **argv)
{
    (void)argc;
    bool leaky = option(argv, "leaky");
    printf("truth: %s make_garbage\n", leaky ? "growing" : "steady");
    fflush(stdout);

    struct pace pace = pace_of(argv);
    while (pace_step(&pace)) {
        use(pace.done);
        long phase = pace.done % PERIOD;
        if (phase < TOOTH)
            for (int i = 0; i < OBJECTS; i++)
                make_garbage();
        else if (phase == TOOTH)
            collect(&young, leaky ? SURVIVORS : 0);
    }
    if (option(argv, "free")) {
        collect(&young, 0);
        collect(&old, 0);
    }
    return 0;
}
