/* See unwinder.h. */
#include "unwinder.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdint.h>
#include <string.h>

/* A library in the folder that this one lies in. */
static void *open_beside(const char *name)
{
    char path[PATH_MAX];
    struct dl_find_object found;
    if (_dl_find_object((void *)(uintptr_t)&open_beside, &found) != 0)
        return NULL;
    const char *own = found.dlfo_link_map->l_name, *slash = strrchr(own, '/');
    size_t folder = slash ? (size_t)(slash + 1 - own) : 0, length = strlen(name) + 1;
    if (!folder || folder + length > sizeof path)
        return NULL;
    memcpy(path, own, folder);
    memcpy(path + folder, name, length);
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

void *unwinder_open(void)
{
    void *library = dlopen(UNWINDER, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        library = open_beside(UNWINDER);
    if (!library && open_beside("liblzma.so.5"))
        library = open_beside(UNWINDER);
    return library;
}
