/* Kind 5, event listeners: every connection adds one and none is ever removed. All are still called.
 *
 *     listeners [--seconds N] [--free]
 */
#include "target.h"

struct listener {
    struct listener *next;
    void (*heard)(struct listener *self);
    unsigned long events;
    char context[160];
};

static struct listener *listeners;

static void count_event(struct listener *self)
{
    self->events++;
}

NAMED static void add_listener(void (*heard)(struct listener *self))
{
    struct listener *l = calloc(1, sizeof *l);
    if (!l)
        exit(1);
    l->heard = heard;
    l->next = listeners;
    listeners = l;
}

NAMED static void connect_client(void)
{
    char *name = strdup("client");
    if (!name)
        exit(1);
    add_listener(count_event);
    free(name);
}

NAMED static void emit(void)
{
    for (struct listener *l = listeners; l; l = l->next)
        l->heard(l);
}

int main(int argc, char **argv)
{
    (void)argc;
    puts("truth: growing add_listener\ntruth: steady connect_client");
    fflush(stdout);

    struct pace pace = pace_of(argv);
    while (pace_step(&pace)) {
        for (int i = 0; i < 10; i++)
            connect_client();
        if (pace.done % 100 == 0)
            emit();
    }
    while (option(argv, "free") && listeners) {
        struct listener *next = listeners->next;
        free(listeners);
        listeners = next;
    }
    return 0;
}
