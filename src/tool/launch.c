/* See launch.h. */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"

static const int passed_on[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
#define PASSED_ON (sizeof passed_on / sizeof *passed_on)

static volatile sig_atomic_t child; /* 0: none yet, or no more */

static void start(const struct launch *what, int report_fd, const sigset_t *mask);
static void finish(struct outcome *outcome, int report_fd);

/* ---- finding the program ---- */

static bool is_program(const char *path, int *error)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            *error = errno;
        return false;
    }
    if (S_ISREG(st.st_mode) && access(path, X_OK) == 0)
        return true;
    *error = S_ISDIR(st.st_mode) ? EISDIR : EACCES;
    return false;
}

static char *find_in_path(const char *command, int *error)
{
    char candidate[PATH_MAX];
    const char *path = getenv("PATH");
    for (path = path ? path : "/bin:/usr/bin"; path;
         path = strchr(path, ':') ? strchr(path, ':') + 1 : NULL) {
        int length = (int)strcspn(path, ":");
        int written = length ? snprintf(candidate, sizeof candidate, "%.*s/%s", length, path, command)
                             : snprintf(candidate, sizeof candidate, "./%s", command);
        if (written < (int)sizeof candidate && is_program(candidate, error))
            return strdup(candidate);
    }
    return NULL;
}

char *launch_find(const char *command)
{
    int error = ENOENT;
    char *found = NULL;
    if (strchr(command, '/'))
        found = is_program(command, &error) ? strdup(command) : NULL;
    else if (*command)
        found = find_in_path(command, &error);
    if (!found)
        errno = error;
    return found;
}

/* ---- running it ---- */

/* The terminal sends its signals to the whole foreground group: the child has got them too. */
static void pass_on(int number, siginfo_t *info, void *context)
{
    (void)context;
    int saved = errno;
    if (child && info->si_code != SI_KERNEL)
        kill((pid_t)child, number);
    errno = saved;
}

/* What was ignored when we came (nohup) stays so, for us and for the child. */
static void install(struct sigaction *before)
{
    struct sigaction action = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART};
    for (size_t i = 0; i < PASSED_ON; i++) {
        sigaction(passed_on[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(passed_on[i], &action, NULL);
    }
}

static void restore(const struct sigaction *before)
{
    for (size_t i = 0; i < PASSED_ON; i++)
        sigaction(passed_on[i], &before[i], NULL);
}

int launch(const struct launch *what, struct outcome *outcome)
{
    int report[2]; /* closed by a successful exec, carries errno of a failed one */
    sigset_t all, mask;
    struct sigaction before[PASSED_ON];
    *outcome = (struct outcome){0};
    if (pipe2(report, O_CLOEXEC) != 0)
        return -1;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &mask); /* a signal may come before child is set */
    install(before);
    outcome->pid = fork();
    if (outcome->pid == 0) {
        restore(before);
        signal(SIGBUS, SIG_DFL);
        start(what, report[1], &mask);
    }
    int error = errno;
    child = outcome->pid > 0 ? outcome->pid : 0;
    sigprocmask(SIG_SETMASK, &mask, NULL);
    close(report[1]);
    if (outcome->pid > 0)
        finish(outcome, report[0]);
    close(report[0]);
    restore(before);
    errno = error;
    return outcome->pid > 0 ? 0 : -1;
}

/* In the child. */
static void start(const struct launch *what, int report_fd, const sigset_t *mask)
{
    for (const char *const *name = what->unset; *name; name++)
        unsetenv(*name);
    for (const char *const *pair = what->set; *pair; pair += 2)
        setenv(pair[0], pair[1], 1);
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(what->path, what->argv); /* with a slash in it, PATH is not searched */
    int error = errno;
    if (write(report_fd, &error, sizeof error) < 0)
        _exit(126);
    _exit(127);
}

static void finish(struct outcome *outcome, int report_fd)
{
    siginfo_t info;
    outcome->start_ticks = process_start_ticks(outcome->pid, true);
    if (read(report_fd, &outcome->exec_errno, sizeof outcome->exec_errno) != sizeof outcome->exec_errno)
        outcome->exec_errno = 0;
    /* First without reaping: as long as it is a zombie the pid is not another's that pass_on could hit. */
    while (waitid(P_PID, (id_t)outcome->pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    child = 0;
    while (waitpid(outcome->pid, &outcome->status, 0) < 0 && errno == EINTR) {
    }
}

int launch_exit_status(const struct outcome *outcome)
{
    if (WIFSIGNALED(outcome->status))
        return 128 + WTERMSIG(outcome->status);
    return WEXITSTATUS(outcome->status);
}
