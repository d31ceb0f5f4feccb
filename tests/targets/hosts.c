/* A C program that loads C++ plugins (guests.cpp), each for itself, uses them and closes them. Its own scope
 * has no operator new: each plugin is to get the one of its own.
 *
 *     hosts turns|together ROUNDS PLUGIN...     one after the other, or all open at once
 */
#include <dlfcn.h>

#include "target.h"

static void *opened(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        puts(dlerror());
        exit(1);
    }
    return handle;
}

/* What dlerror is to tell stays, whatever the plugin allocates. */
static void use(void *handle)
{
    void (*act)(void);
    *(void **)(void *)&act = dlsym(handle, "guest_acts");
    dlopen("/nonexistent", RTLD_NOW);
    act();
    puts(dlerror());
}

int main(int argc, char **argv)
{
    void *handles[16];
    bool together = argc > 2 && strcmp(argv[1], "together") == 0;
    for (long round = argc > 2 ? atol(argv[2]) : 0; round > 0; round--) {
        for (int i = 3; i < argc; i++) {
            handles[i - 3] = opened(argv[i]);
            use(handles[i - 3]);
            if (!together)
                dlclose(handles[i - 3]);
        }
        for (int i = 3; together && i < argc; i++) {
            use(handles[i - 3]);
            dlclose(handles[i - 3]);
        }
    }
    puts(dlsym(RTLD_DEFAULT, "_Znwm") ? "there is an operator new" : "there is no operator new");
    return 0;
}
