/* A program whose IFUNC resolver allocates: the loader calls it before any thread-local variable has its
 * value. Then it asks the loader itself for malloc and free. */
#include <dlfcn.h>

#include "target.h"

int thing(void) __attribute__((ifunc("resolve")));

static void *kept;

static int real_thing(void)
{
    return 42;
}

static __attribute__((used)) int (*resolve(void))(void)
{
    kept = malloc(100);
    free(malloc(50));
    return real_thing;
}

static void ask(void *handle)
{
    void *(*take)(size_t);
    void (*give)(void *);
    *(void **)(void *)&take = dlsym(handle, "malloc");
    *(void **)(void *)&give = dlsym(handle, "free");
    free(take(100));
    give(malloc(100));
}

int main(void)
{
    free(kept);
    ask(RTLD_NEXT);
    ask(RTLD_DEFAULT);
    printf("%d\n", thing());
    return 0;
}
