/* Descriptors are the program's alone, at every moment: while threads come and go and allocate, one thread
 * opens and closes, and each number that it gets must be the lowest that is free; a forked child has those
 * that its parent had; and what was opened after closing everything stays open. Then a child does the same,
 * for long enough to be recorded as a process of its own.
 *
 *   descriptors [--turns N]
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target.h"

#define STACK  ((size_t)32768)
#define STACKS 512

static atomic_bool over;

NAMED static void *allocate(void *unused)
{
    for (size_t i = 1; i < 20; i++)
        free(malloc(i * 100));
    return unused;
}

/* Threads on more stacks than a recorder may remember. */
static void *make_threads(void *unused)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    char *stacks = mmap(NULL, STACKS * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; !over; i++) {
        pthread_t thread;
        pthread_attr_setstack(&attributes, stacks + i % STACKS * STACK, STACK);
        if (pthread_create(&thread, &attributes, allocate, NULL) == 0)
            pthread_join(thread, NULL);
    }
    munmap(stacks, STACKS * STACK);
    pthread_attr_destroy(&attributes);
    return unused;
}

static void *allocate_on(void *unused)
{
    while (!over)
        allocate(NULL);
    return unused;
}

static _Noreturn void wrong(const char *what, int expected, int got)
{
    printf("%s: expected %d, got %d\n", what, expected, got);
    exit(1);
}

static void get(int expected)
{
    int fd = open("/dev/null", O_RDWR);
    if (fd != expected)
        wrong("opened", expected, fd);
}

static void open_and_close(void)
{
    for (int fd = 3; fd < 8; fd++)
        get(fd);
    close(5);
    get(5);
    if (dup(4) != 8)
        wrong("dup", 8, -1);
}

/* Like a daemon: everything goes, and then there are files again. */
static void close_all_and_open(void)
{
    struct stat is;
    closefrom(3);
    get(3);
    get(4);
    for (int i = 0; i < 20; i++)
        if (fstat(3, &is) != 0 || !S_ISCHR(is.st_mode) || fstat(4, &is) != 0 || fstat(5, &is) == 0)
            wrong("after closing all", 1, 0);
    closefrom(3);
}

/* By system calls alone: malloc is not what is tested here. */
static void fork_and_look(void)
{
    pid_t child = fork();
    if (child == 0) {
        for (int fd = 3; fd < 64; fd++)
            if (fcntl(fd, F_GETFD) != -1)
                _exit(fd);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0)
        wrong("a child has descriptor", 0, WEXITSTATUS(status));
}

static void check(int turns, double seconds)
{
    pthread_t busy[3];
    over = false;
    pthread_create(busy, NULL, make_threads, NULL);
    pthread_create(busy + 1, NULL, make_threads, NULL);
    pthread_create(busy + 2, NULL, allocate_on, NULL);
    struct timespec start = now();
    for (int i = 0; i < turns || seconds_since(start) < seconds; i++) {
        open_and_close();
        close_all_and_open();
        if (i % 16 == 0)
            fork_and_look();
    }
    over = true;
    for (int i = 0; i < 3; i++)
        pthread_join(busy[i], NULL);
}

int main(int argc, char **argv)
{
    (void)argc;
    int status = 0, turns = (int)option_number(argv, "turns", 2000);
    closefrom(3);
    check(turns, 0);
    pid_t child = fork();
    if (child == 0) {
        check(turns / 10, 0.5);
        exit(0);
    }
    waitpid(child, &status, 0);
    if (status != 0)
        wrong("the child's status", 0, status);
    puts("ended well");
    return 0;
}
