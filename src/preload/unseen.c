/* Unseen (unseen.h). The work is done by a task that shares everything with this thread but the descriptors,
 * and that is gone when the call returns: the caller stands still (CLONE_VFORK) meanwhile. As a member of the
 * thread group nobody can wait for it, and it is never the first process of a new PID namespace. */
#include "unseen.h"

#include <linux/sched.h>

#include "cpu_clone_x86_64.h"
#include "sys.h"

#define STACK      16384 /* what is done here needs 1 KiB */
#define GONE_TRIES 10000 /* some ms at most; it takes microseconds */

/* glibc 2.32. Raw threads are not known to it: who makes them has the descriptors seen for microseconds. */
extern char __libc_single_threaded __attribute__((weak));

struct errand {
    void (*work)(void *);
    void *argument;
};

static int go(void *errand)
{
    const struct errand *e = errand;
    e->work(e->argument);
    return 0;
}

/* The caller goes on a moment before the kernel takes the task off the list of the process's threads. */
static bool is_there(long task)
{
    return SYS3(SYS_tgkill, sys_getpid(), task, 0) == 0;
}

static bool apart(struct errand *errand)
{
    unsigned char *stack = sys_memory(STACK);
    if (!stack)
        return false;
    long task =
        cpu_clone_call(CLONE_VM | CLONE_VFORK | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
                       stack + STACK, go, errand);
    for (int i = 0; !sys_failed(task) && i < GONE_TRIES && is_there(task); i++)
        SYS0(SYS_sched_yield);
    SYS2(SYS_munmap, stack, STACK);
    return !sys_failed(task);
}

bool unseen(void (*work)(void *), void *argument)
{
    struct errand errand = {work, argument};
    uint64_t signals;
    bool done = true;
    sys_signals_off(&signals);
    if (&__libc_single_threaded && __libc_single_threaded)
        work(argument);
    else
        done = apart(&errand);
    sys_signals_back(&signals);
    return done;
}
