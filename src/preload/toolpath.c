/* Toolpath (toolpath.h). */
#include "toolpath.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "sys.h"

/* Directory of length bytes + tail -> absolute path in found. False when it does not fit. A relative
 * one starts at the present directory. */
static bool join(char *found, const char *directory, size_t length, const char *tail)
{
    size_t used = 0, tail_bytes = strlen(tail) + 1;
    if (directory[0] != '/') {
        long got = SYS2(SYS_getcwd, found, TOOLPATH_MAX); /* with its NUL */
        if (sys_failed(got) || got < 2 || found[0] != '/')
            return false;
        used = (size_t)got;
        found[used - 1] = '/';
    }
    if (used + length + tail_bytes > TOOLPATH_MAX)
        return false;
    memcpy(found + used, directory, length);
    memcpy(found + used + length, tail, tail_bytes);
    return true;
}

static bool runnable(const char *path)
{
    struct stat s;
    return SYS4(SYS_newfstatat, AT_FDCWD, path, &s, 0) == 0 && S_ISREG(s.st_mode) &&
           SYS3(SYS_faccessat, AT_FDCWD, path, X_OK) == 0;
}

static bool beside(char *found, const char *library)
{
    static const char *const tails[] = {"/leakwatch", "/../bin/leakwatch", "/../../bin/leakwatch"};
    const char *slash = library ? strrchr(library, '/') : NULL;
    if (!slash)
        return false;
    for (unsigned i = 0; i < sizeof tails / sizeof tails[0]; i++)
        if (join(found, library, (size_t)(slash - library), tails[i]) && runnable(found))
            return true;
    return false;
}

/* The C library's own list for programs without PATH. */
#define DEFAULT_PATH "/bin:/usr/bin"

static const char *path_variable(void)
{
    for (const char *const *e = options_envp(); *e; e++)
        if (strncmp(*e, "PATH=", 5) == 0)
            return *e + 5;
    return DEFAULT_PATH;
}

/* Relative and empty entries are passed over: they mean another directory for every process. */
static bool in_path(char *found)
{
    const char *entry = path_variable();
    for (;;) {
        size_t length = strcspn(entry, ":");
        if (entry[0] == '/' && join(found, entry, length, "/leakwatch") && runnable(found))
            return true;
        if (entry[length] == '\0')
            return false;
        entry += length + 1;
    }
}

void toolpath_find(char *found, const char *library)
{
    bool have = options.tool ? join(found, options.tool, strlen(options.tool), "") && runnable(found)
                             : beside(found, library) || in_path(found);
    if (!have)
        found[0] = '\0';
}
