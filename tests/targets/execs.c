/* Becomes other programs, each in a child, which allocates before and, where that fails, goes on.
 *
 *     execs PATH...
 */
#include "target.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

NAMED static void *parent_allocates(void)
{
    return malloc(100);
}

static void child(char *path)
{
    char *argv[] = {path, NULL};
    alarm(60); /* counts as hung */
    for (size_t i = 0; i < 1000; i++)
        free(malloc(i));
    execv(path, argv);
    const char *why = strerrorname_np(errno);
    for (size_t i = 0; i < 1000; i++)
        free(malloc(i));
    printf("%s, ", why);
    exit(5);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        free(parent_allocates());
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0)
            child(argv[i]);
        int status;
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
            return 1;
        printf("%s %d\n", WIFEXITED(status) ? "status" : "signal",
               WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    }
    printf("truth: allocations parent_allocates %d\ntruth: live_blocks parent_allocates 0\n", argc - 1);
    return 0;
}
