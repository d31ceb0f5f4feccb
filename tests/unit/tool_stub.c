/* Stands in for the `leakwatch` program: says on descriptor 2 what STUB asks for, and ends so. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "at_exit.h"

extern char **environ;

static void say_arguments(char **argv)
{
    for (; *argv; argv++)
        dprintf(2, "[%s]", *argv);
    dprintf(2, "\n");
}

static void say_environment(void)
{
    for (char **e = environ; *e; e++)
        dprintf(2, "%s\n", *e);
}

static void say_state(void)
{
    sigset_t blocked;
    struct rlimit files;
    unsigned open_files = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder && readdir(folder))
        open_files++; /* ".", ".." and the folder itself are three */
    if (folder)
        closedir(folder);
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    getrlimit(RLIMIT_NOFILE, &files);
    dprintf(2, "descriptors %u, TERM %s, PIPE %s, CHLD %s, files %s\n", open_files - 3,
            sigismember(&blocked, SIGTERM) ? "blocked" : "open",
            signal(SIGPIPE, SIG_DFL) == SIG_IGN ? "ignored" : "default",
            signal(SIGCHLD, SIG_DFL) == SIG_IGN ? "ignored" : "default",
            files.rlim_cur == files.rlim_max ? "raised" : "low");
}

int main(int argc, char **argv)
{
    const char *what = getenv("STUB");
    (void)argc;
    if (!what)
        return 9;
    if (strcmp(what, "arguments") == 0)
        say_arguments(argv);
    else if (strcmp(what, "environment") == 0)
        say_environment();
    else if (strcmp(what, "state") == 0)
        say_state();
    else if (strcmp(what, "hang") == 0) {
        usleep(700000);
        dprintf(2, "late\n");
    } else if (strcmp(what, "die") == 0)
        raise(SIGKILL);
    else
        return atoi(what);
    return AT_EXIT_GIVEN;
}
