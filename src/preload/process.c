/* The exported functions by which a process and its modules end: noted, then passed on. */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include "hints.h"
#include "life.h"
#include "modules.h"
#include "next.h"

EXPORT void exit(int status)
{
    next_ready();
    next.exit(life_exit_begins(status));
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

/* What the module allocated stays charged to it by name; only addresses may be used again now. */
EXPORT int dlclose(void *handle)
{
    next_ready();
    modules_before_dlclose();
    int result = next.dlclose(handle);
    modules_note_dlclose();
    return result;
}

static int (*program_main)(int, char **, char **);

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
    return next.libc_start_main(main_then_exit, argc, argv, init, fini, rtld_fini, stack_end);
}
