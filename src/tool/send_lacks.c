/* Instead of send.c where the build has no libcurl. */
#include "send.h"

const char *send_lacks(void)
{
    return "this build has no libcurl: install libcurl4-openssl-dev, and build again";
}

/* Never asked, as what follows: cmd_push.c says what is lacking. */
int send_check(const char *url, char *why, size_t why_size)
{
    (void)url;
    (void)why;
    (void)why_size;
    return -1;
}

enum sent send_profile(const struct sending *s, char *why, size_t why_size)
{
    (void)s;
    (void)why;
    (void)why_size;
    return SENT_NEVER;
}
