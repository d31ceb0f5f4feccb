/* The exported functions by which a process and its modules end, or it shuts itself in: noted, then passed
 * on. */
#include <dlfcn.h>
#include <asm/unistd.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "cpu.h"
#include "hints.h"
#include "life.h"
#include "modules.h"
#include "next.h"
#include "sandbox.h"

static bool in_destructors; /* of the loader's objects: the last thing that exit does but flush stdio */

/* Called by a destructor: ours, which would come later, will not run any more. */
EXPORT void exit(int status)
{
    next_ready();
    status = life_exit_begins(status);
    if (in_destructors)
        life_ends();
    next.exit(status);
}

/* No destructor runs after these: the report is given here. */
EXPORT void _exit(int status)
{
    next_ready();
    status = life_exit_begins(status);
    life_ends();
    next._exit(status);
}

EXPORT void _Exit(int status)
{
    _exit(status);
}

EXPORT void quick_exit(int status)
{
    next_ready();
    status = life_exit_begins(status);
    life_ends();
    next.quick_exit(status);
}

/* Its parent ends inside the C library, where nobody sees it. */
EXPORT int daemon(int nochdir, int noclose)
{
    next_ready();
    life_hands_over();
    int result = next.daemon(nochdir, noclose);
    life_handed_over();
    return result;
}

/* What the module allocated stays charged to it by name; only addresses may be used again now. */
EXPORT int dlclose(void *handle)
{
    next_ready();
    modules_before_dlclose();
    int result = next.dlclose(handle);
    modules_note_dlclose();
    return result;
}

static void note_filter(bool strict, unsigned long filter)
{
    if (strict)
        sandbox_keep_strict();
    else
        sandbox_keep_filter((const struct sock_fprog *)filter);
}

/* The C library's prototype has "...": its function, too, takes all five. */
EXPORT int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
EXPORT int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
    next_ready();
    if (option == PR_SET_NO_NEW_PRIVS || option == PR_SET_SECCOMP)
        sandboxed = true;
    int result = next.prctl(option, a, b, c, d);
    if (option == PR_SET_SECCOMP && result == 0)
        note_filter(a == SECCOMP_MODE_STRICT, b);
    return result;
}

/* libseccomp comes this way. */
HIDDEN long syscall_seccomp(long number, unsigned long operation, unsigned long flags, unsigned long filter);
long syscall_seccomp(long number, unsigned long operation, unsigned long flags, unsigned long filter)
{
    long result = next_syscall(number, operation, flags, filter);
    if (result >= 0 && operation <= SECCOMP_SET_MODE_FILTER)
        note_filter(operation == SECCOMP_SET_MODE_STRICT, filter);
    return result;
}

CPU_DETOUR_SYSCALL(__NR_seccomp, syscall_seccomp, next_syscall);

static int (*program_main)(int, char **, char **);
static void (*loader_fini)(void);

static void note_destructors(void)
{
    in_destructors = true;
    loader_fini();
}

/* Exit begins when main returns, before atexit functions and destructors free anything. */
static int main_then_exit(int argc, char **argv, char **envp)
{
    return life_exit_begins(program_main(argc, argv, envp));
}

EXPORT int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                             void (*fini)(void), void (*rtld_fini)(void), void *stack_end);
EXPORT int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                             void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    next_ready();
    program_main = main;
    loader_fini = rtld_fini;
    return next.libc_start_main(main_then_exit, argc, argv, init, fini, rtld_fini ? note_destructors : NULL,
                                stack_end);
}
