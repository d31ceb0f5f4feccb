/* A program that shuts itself in, and works on: only the system calls that allocating, threads and output
 * need are left, any other ends it (SECCOMP_RET_KILL_PROCESS). With --refuse the others fail instead (EPERM);
 * with --fork it is a child that does all that, for long enough to be recorded as a process of its own; with
 * --inherit it begins anew inside: the loader and the C library may start a program there, others get EPERM.
 *
 * With --little there is but one thread, and hardly more than malloc's own calls are left: not even signal
 * masks or its own number; the filter comes by seccomp(2), as libseccomp's do. With --strict it is seccomp's
 * strict mode, in which only reading and writing are left.
 *
 *   sandbox [--fork] [--refuse] [--inherit] [--little] [--strict] [--seconds S]
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target.h"

#define ALLOW(call)                                                                                          \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW)

static void shut_in(bool refuse, bool inherit)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(read),
        ALLOW(write),
        ALLOW(openat),
        ALLOW(close),
        ALLOW(newfstatat),
        ALLOW(mmap),
        ALLOW(munmap),
        ALLOW(mprotect),
        ALLOW(madvise),
        ALLOW(brk),
        ALLOW(getrandom),
        ALLOW(futex),
        ALLOW(clone3),
        ALLOW(set_robust_list),
        ALLOW(rseq),
        ALLOW(rt_sigprocmask),
        ALLOW(rt_sigaction),
        ALLOW(sched_yield),
        ALLOW(getpid),
        ALLOW(gettid),
        ALLOW(clock_gettime),
        ALLOW(clock_nanosleep),
        ALLOW(exit),
        ALLOW(exit_group),
        /* beginning anew */
        BPF_JUMP(BPF_JMP | BPF_JA, inherit ? 0 : 20, 0, 0),
        ALLOW(execve),
        ALLOW(access),
        ALLOW(arch_prctl),
        ALLOW(set_tid_address),
        ALLOW(pread64),
        ALLOW(prlimit64),
        ALLOW(readlink),
        ALLOW(ioctl),
        ALLOW(prctl),
        ALLOW(seccomp),
        BPF_STMT(BPF_RET, refuse || inherit ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        exit(3);
}

static void leave_little(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(write),
        ALLOW(brk),
        ALLOW(mmap),
        ALLOW(munmap),
        ALLOW(exit_group),
        BPF_STMT(BPF_RET, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        exit(3);
}

NAMED static void *allocate(void *many)
{
    void *blocks[100];
    for (size_t turn = 0; turn < (size_t)many; turn++) {
        for (size_t i = 0; i < 100; i++)
            blocks[i] = malloc(10 + i * i);
        for (size_t i = 0; i < 100; i++)
            free(blocks[i]);
    }
    return NULL;
}

NAMED static void keep(void)
{
    static void *chain;
    void **link = malloc(200);
    *link = chain;
    chain = link;
}

static void live(char **argv)
{
    shut_in(option(argv, "refuse"), false);
    for (struct pace pace = pace_of(argv); pace_step(&pace);) {
        allocate((void *)1);
        for (int i = 0; i < 5; i++)
            keep();
    }
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(threads + i, NULL, allocate, (void *)10);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    puts("lived in a sandbox");
}

/* What it did before is done again, by other functions, and at other depths. */
NAMED static void go_deeper(int depth)
{
    if (depth > 0)
        go_deeper(depth - 1);
    allocate((void *)1);
    keep();
}

/* Strict mode takes the clock away, too, and the C library's exit, and the heap must do as it is. */
static void live_on_reading_and_writing(void)
{
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
        exit(3);
    for (size_t i = 0; i < 1000000; i++)
        free(malloc(i % 1000));
    puts("lived on little");
    fflush(stdout);
    syscall(SYS_exit, 0);
}

static void live_on_little(char **argv)
{
    double seconds = option_number(argv, "seconds", 1.5);
    struct timespec start = now();
    allocate((void *)1);
    puts("lives on little");
    fflush(stdout);
    if (option(argv, "strict"))
        live_on_reading_and_writing();
    leave_little();
    for (int i = 0; seconds_since(start) < seconds; i++) {
        allocate((void *)1);
        go_deeper(i % 20);
    }
    puts("lived on little");
    exit(0);
}

int main(int argc, char **argv)
{
    (void)argc;
    int status = 0;
    if (option(argv, "little") || option(argv, "strict"))
        live_on_little(argv);
    if (option(argv, "inherit")) {
        shut_in(true, true);
        execl(argv[0], argv[0], "--seconds", "0.5", "--refuse", NULL);
        return 4;
    }
    pid_t child = option(argv, "fork") ? fork() : 0;
    if (child == 0)
        live(argv);
    else
        waitpid(child, &status, 0);
    printf("status %d\n", status);
    return status != 0;
}
