/* One of two plugins of exactly one size (-DTWIN=NAME is the function that allocates): what is loaded where
 * the other one lay must not be taken for it. Allocates and frees on its way in and out too. For plugins.c.
 */
#include <stdlib.h>

void *plugin_allocates(void);
void plugin_frees(void *block);

static void *kept;

__attribute__((noinline)) static void *TWIN(size_t size)
{
    return malloc(size);
}

void *plugin_allocates(void)
{
    return TWIN(4000);
}

void plugin_frees(void *block)
{
    free(block);
}

__attribute__((constructor)) static void load(void)
{
    kept = malloc(1000);
}

__attribute__((destructor)) static void unload(void)
{
    free(kept);
}
