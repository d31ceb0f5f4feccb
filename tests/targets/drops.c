/* A server's start: it allocates, then gives up its powers, and works on.
 *
 *   drops user|root|userns|session   user: nobody's; root: chroot to an empty folder, made in the working one
 */
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target.h"

NAMED static void keep(int count)
{
    static void *chain;
    while (count-- > 0) {
        void **link = malloc(500);
        *link = chain;
        chain = link;
    }
}

static int drop(const char *what)
{
    if (strcmp(what, "user") == 0)
        return setgid(65534) || setuid(65534);
    if (strcmp(what, "root") == 0)
        return mkdir("empty", 0755) || chroot("empty") || chdir("/");
    if (strcmp(what, "userns") == 0) /* refused to a process with a second thread */
        return unshare(CLONE_NEWUSER);
    return setsid() < 0;
}

int main(int argc, char **argv)
{
    keep(1000);
    if (argc < 2 || drop(argv[1]) != 0) {
        perror(argc < 2 ? "drops" : argv[1]);
        return 1;
    }
    for (struct pace pace = pace_of(argv); pace_step(&pace);)
        keep(1);
    printf("worked without %s\n", argv[1]);
    return 0;
}
