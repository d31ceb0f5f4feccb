/* measure FILE COMMAND...: runs it, then writes "WALL_S CPU_S PEAK_KIB" to FILE; ends as it ended.
 *
 * Started by a large process, a command inherits that one's peak until it execs; started by this one it does
 * not. SIGTERM is passed on. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;

static void pass_on(int number)
{
    kill(child, number);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

int main(int argc, char **argv)
{
    struct rusage used;
    int status;
    if (argc < 3)
        return 2;
    double begin = now();
    child = fork();
    if (child == 0) {
        if (getenv("BENCH_PRELOAD")) /* for the command, not for this program */
            setenv("LD_PRELOAD", getenv("BENCH_PRELOAD"), 1);
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    signal(SIGTERM, pass_on);
    while (wait4(child, &status, 0, &used) != child)
        continue;
    double wall = now() - begin;
    FILE *file = fopen(argv[1], "w");
    if (!file)
        return 126;
    fprintf(file, "%.9f %.6f %ld\n", wall, seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss);
    fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
