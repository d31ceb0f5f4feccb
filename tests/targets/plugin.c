/* A plugin for forks.c and loader.c: allocates, in its constructor too. */
#include <stdlib.h>

void *plugin_allocates(size_t size);

static void *kept;

__attribute__((noinline)) void *plugin_allocates(size_t size)
{
    return malloc(size + 40);
}

__attribute__((constructor)) static void load(void)
{
    kept = plugin_allocates(1000);
}

__attribute__((destructor)) static void unload(void)
{
    free(kept);
}
