/* Spawn (spawn.h). The functions at the bottom run in other processes that share our memory, thread
 * pointer and all: only system calls there, and only what struct job hands them. */
#include "spawn.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "cpu_clone_x86_64.h"
#include "sys.h"

/* Each of the two stacks: the deepest function needs some hundred bytes, a signal frame (there is
 * none: signals are off) would need 3 KiB. */
#define STACK 8192

#define SIGNAL_LAST        64
#define SIGNAL_BIT(signal) (UINT64_C(1) << ((signal)-1))
#define WAIT_ALL           0x40000000 /* __WALL: also children without an exit signal */

/* Lives on the caller's stack; the caller stands still while the others write to it. */
struct job {
    const struct spawn *what;
    unsigned char *stacks;
    enum spawn_end end;
    int detail;
};

static int go_between(void *argument);
static int become(void *argument);
static void wait_bounded(struct job *job, long pid);

static void reap(long pid)
{
    while (SYS4(SYS_wait4, pid, NULL, WAIT_ALL, NULL) == -EINTR)
        ;
}

/* For a process whose address space is used up: just then a report is wanted. One spawn at a time has it. */
static _Alignas(64) unsigned char reserve[2 * STACK];
static bool reserve_taken;

static unsigned char *take_stacks(void)
{
    unsigned char *stacks = sys_memory(2 * STACK);
    if (!stacks && !__atomic_exchange_n(&reserve_taken, true, __ATOMIC_ACQUIRE))
        stacks = reserve;
    return stacks;
}

static void give_stacks_back(unsigned char *stacks)
{
    if (stacks == reserve)
        __atomic_store_n(&reserve_taken, false, __ATOMIC_RELEASE);
    else
        SYS2(SYS_munmap, stacks, 2 * STACK);
}

enum spawn_end spawn(const struct spawn *what, int *detail)
{
    struct job job = {.what = what, .end = SPAWN_IMPOSSIBLE, .detail = ENOMEM};
    job.stacks = take_stacks();
    if (job.stacks) {
        uint64_t before;
        sys_signals_off(&before);
        long pid = cpu_clone_call(CLONE_VM | CLONE_VFORK, job.stacks + STACK, go_between, &job);
        if (sys_failed(pid))
            job.detail = (int)-pid;
        else
            reap(pid);
        sys_signals_back(&before);
        give_stacks_back(job.stacks);
    }
    *detail = job.detail;
    return job.end;
}

/* ---- in the go-between ---- */

struct kernel_action { /* what rt_sigaction takes: not the C library's struct sigaction */
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

/* The target's handlers must not run in the go-between or the program before it is another image:
 * they would run on the target's memory. This table of handlers is the go-between's own. Ignored
 * signals stay ignored, but for SIGCHLD, which would end children without a status. */
static void drop_handlers(void)
{
    static const struct kernel_action fresh = {.handler = SIG_DFL};
    for (int signal = 1; signal <= SIGNAL_LAST; signal++) {
        struct kernel_action now = {.handler = SIG_DFL};
        SYS4(SYS_rt_sigaction, signal, NULL, &now, 8);
        if (now.handler != SIG_IGN || signal == SIGCHLD)
            SYS4(SYS_rt_sigaction, signal, &fresh, NULL, 8);
    }
}

static int go_between(void *argument)
{
    struct job *job = argument;
    drop_handlers();
    job->detail = 0;
    long pid = cpu_clone_call(CLONE_VM | CLONE_VFORK | SIGCHLD, job->stacks + 2 * STACK, become, job);
    if (sys_failed(pid))
        job->detail = (int)-pid;
    else if (job->detail) /* it could not become the program: execve's errno */
        reap(pid);
    else
        wait_bounded(job, pid);
    return 0;
}

static int64_t now_ms(void)
{
    struct timespec now;
    SYS2(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* SIGCHLD is off and not ignored, so it stays pending: waiting for the signal needs neither a
 * descriptor nor a timer. */
static void wait_signal(int64_t ms)
{
    uint64_t child = SIGNAL_BIT(SIGCHLD);
    struct timespec most = {ms / 1000, ms % 1000 * 1000000};
    SYS4(SYS_rt_sigtimedwait, &child, NULL, &most, 8);
}

static void wait_bounded(struct job *job, long pid)
{
    unsigned patience = job->what->patience_ms;
    int64_t until = now_ms() + patience;
    int status = 0;
    long ended;
    while ((ended = SYS4(SYS_wait4, pid, &status, patience ? WNOHANG : 0, NULL)) != pid) {
        int64_t left = until - now_ms();
        if ((patience && left <= 0) || (sys_failed(ended) && ended != -EINTR)) {
            job->end = SPAWN_RUNNING;
            return;
        }
        if (patience)
            wait_signal(left);
    }
    job->end = WIFEXITED(status) ? SPAWN_EXITED : SPAWN_KILLED;
    job->detail = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

/* ---- in what becomes the program ---- */

/* A program that lives under a tight soft limit has no reason to starve the one that reports on it. */
static void raise_limit(int which)
{
    struct rlimit limit;
    if (SYS4(SYS_prlimit64, 0, which, NULL, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        SYS4(SYS_prlimit64, 0, which, &limit, NULL);
    }
}

static int become(void *argument)
{
    struct job *job = argument;
    const struct spawn *what = job->what;
    uint64_t none = 0;
    raise_limit(RLIMIT_AS);
    raise_limit(RLIMIT_DATA);
    raise_limit(RLIMIT_STACK);
    raise_limit(RLIMIT_FSIZE);
    raise_limit(RLIMIT_NOFILE);
    if (what->from != what->to)
        SYS3(SYS_dup3, what->from, what->to, 0);
    SYS3(SYS_close_range, 3, ~0u, 0); /* kernels before 5.9: it inherits what the target left open */
    sys_signals_back(&none);
    long failed = SYS3(SYS_execve, what->path, what->argv, what->envp);
    job->detail = (int)-failed;
    return 127;
}
