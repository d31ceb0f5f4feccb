/* Launch: runs the program as a child and waits for it, passing signals on. */
#ifndef LEAKWATCH_TOOL_LAUNCH_H
#define LEAKWATCH_TOOL_LAUNCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct launch {
    const char *path; /* the file to execute */
    char **argv;
    const char *const *set;   /* NAME, VALUE, NAME, VALUE, ..., NULL: of the child's environment */
    const char *const *unset; /* NAME, ..., NULL */
};

struct outcome {
    pid_t pid;
    uint64_t start_ticks;
    int status;     /* as of waitpid */
    int exec_errno; /* not 0: it never ran */
};

/* The path that execvp would take, to be freed; NULL with errno (ENOENT, EACCES ...). */
char *launch_find(const char *command);

/* 0, or -1 with errno: there was no child. While the child runs, SIGINT and SIGQUIT of the terminal are left
 * to it, those and SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 that others send to us are sent on to it. */
int launch(const struct launch *what, struct outcome *outcome);

/* The exit status that a shell would give: 128 + signal of a killed program. */
int launch_exit_status(const struct outcome *outcome);

#endif
