/* push.h in a build without libcurl. */
#include "push.h"

#include <stdio.h>

int push_send(const struct push *p, const char *profile, size_t size, char *why, size_t why_size)
{
    (void)p, (void)profile, (void)size;
    snprintf(why, why_size, "this build has no %s", push_lacks());
    return -1;
}

const char *push_lacks(void)
{
    return "libcurl: install libcurl4-openssl-dev";
}
