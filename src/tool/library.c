/* See library.h. */
#include "library.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"

#define LIBRARY "libleakwatch.so"

/* The folder of this program's file, or "". */
static void own_folder(char *folder, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", folder, size - 1);
    folder[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
}

static char *find(void)
{
    static const char *const beside[] = {"/" LIBRARY, "/../lib/" LIBRARY, "/../lib/x86_64-linux-gnu/" LIBRARY,
                                         "/../lib64/" LIBRARY};
    char folder[PATH_MAX], path[PATH_MAX + 64];
    own_folder(folder, sizeof folder);
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        snprintf(path, sizeof path, "%s%s", folder, beside[i]);
        if (access(path, R_OK) == 0)
            return realpath(path, NULL);
    }
    return access(LEAKWATCH_LIBDIR "/" LIBRARY, R_OK) == 0 ? strdup(LEAKWATCH_LIBDIR "/" LIBRARY) : NULL;
}

char *library_find(void)
{
    char *path = find();
    if (!path) {
        complain(LIBRARY " was found neither beside this program nor in " LEAKWATCH_LIBDIR);
        return NULL;
    }
    /* The loader separates by both, and knows no quotes. */
    if (strpbrk(path, " :")) {
        complain("%s cannot be preloaded: there is a blank or a colon in its path", path);
        free(path);
        return NULL;
    }
    return path;
}
