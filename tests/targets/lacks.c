/* A library for LD_AUDIT: a system without libunwind and liblzma, which are found by a path only. */
#include <link.h>
#include <stdint.h>
#include <stddef.h>
#include <string.h>

unsigned int la_version(unsigned int version);
char *la_objsearch(const char *name, uintptr_t *cookie, unsigned int flag);

unsigned int la_version(unsigned int version)
{
    return version;
}

char *la_objsearch(const char *name, uintptr_t *cookie, unsigned int flag)
{
    (void)cookie;
    if (flag != LA_SER_ORIG && (strstr(name, "/libunwind-x86_64.so") || strstr(name, "/liblzma.so")))
        return NULL;
    return (char *)(uintptr_t)name;
}
