/* Children of every kind. The parent's totals must be its own, exactly, and each child's likewise.
 *
 *     processes MODE      fork     children that allocate, for 0.5 s (long enough to earn a ledger)
 *                         vfork    children that share the memory until they exec, or end
 *                         spawn    posix_spawn, system and popen, many short ones
 *                         exec     the program becomes another one
 */
#include "target.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCKS 10000

extern char **environ;

static void *blocks[BLOCKS];

NAMED static void parent_allocates(void)
{
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = malloc(100);
}

NAMED static void child_allocates(void)
{
    for (int i = 0; i < BLOCKS / 10; i++)
        blocks[i] = malloc(1000);
}

static bool ended_with(pid_t pid, int code)
{
    int status;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static void fork_children(void)
{
    printf("truth: allocations parent_allocates %d\ntruth: live_blocks parent_allocates %d\n", BLOCKS,
           BLOCKS);
    printf("truth: allocations child_allocates 0\n");
    fflush(stdout);
    parent_allocates();
    for (int i = 0; i < 2; i++) {
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            for (int b = 0; b < BLOCKS; b++)
                free(blocks[b]); /* the parent's, which are no concern of this process's ledger */
            for (struct timespec start = now(); seconds_since(start) < 0.5;)
                free(malloc(64));
            child_allocates();
            exit(3);
        }
        printf("child %ld %s\n", (long)pid, ended_with(pid, 3) ? "ended well" : "FAILED");
    }
}

static void vfork_children(void)
{
    printf("truth: allocations parent_allocates %d\n", 2 * BLOCKS);
    fflush(stdout);
    parent_allocates();
    for (int i = 0; i < 20; i++) {
        pid_t pid = vfork();
        if (pid == 0) {
            if (i % 2)
                execl("/bin/true", "true", (char *)NULL);
            _exit(0);
        }
        if (!ended_with(pid, 0))
            puts("FAILED");
    }
    parent_allocates();
}

static void spawn_children(void)
{
    printf("truth: allocations parent_allocates %d\n", BLOCKS);
    fflush(stdout);
    for (int i = 0; i < 20; i++) {
        pid_t pid;
        char *argv[] = {"true", NULL};
        if (posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ) != 0 || !ended_with(pid, 0))
            puts("FAILED");
        if (system("exit 5") != 5 << 8)
            puts("FAILED");
        FILE *pipe = popen("echo from a pipe", "r");
        char line[64] = "";
        if (!pipe || !fgets(line, sizeof line, pipe) || strcmp(line, "from a pipe\n") || pclose(pipe) != 0)
            puts("FAILED");
    }
    parent_allocates();
}

static int become(const char *self)
{
    parent_allocates();
    execl(self, self, "after-exec", (char *)NULL);
    return 1;
}

static void after_exec(void)
{
    child_allocates();
    printf("truth: allocations parent_allocates 0\ntruth: allocations child_allocates %d\n", BLOCKS / 10);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    if (strcmp(mode, "fork") == 0)
        fork_children();
    else if (strcmp(mode, "vfork") == 0)
        vfork_children();
    else if (strcmp(mode, "spawn") == 0)
        spawn_children();
    else if (strcmp(mode, "exec") == 0)
        return become(argv[0]);
    else if (strcmp(mode, "after-exec") == 0)
        after_exec();
    else
        return 2;
    puts("ended");
    return 0;
}
