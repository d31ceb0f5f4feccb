/* leakwatch: reads ledgers, judges, names and prints. One file a subcommand. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "command.h"
#include "complain.h"

#include "../../include/leakwatch.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {{"run", cmd_run},     {"report", cmd_report}, {"top", cmd_top},
                {"list", cmd_list},   {"export", cmd_export}, {"diff", cmd_diff},
                {"watch", cmd_watch}, {"push", cmd_push},     {"doctor", cmd_doctor}};

static const char help[] =
    "usage: leakwatch COMMAND [ARG]...\n"
    "\n"
    "Which call sites of a program keep growing? Records every allocation of an unmodified\n"
    "program and names the few places whose memory grows without bound.\n"
    "\n"
    "  leakwatch run [OPTION]... [--] CMD [ARG]...   run a program and report when it has ended\n"
    "  leakwatch report [OPTION]... [FILE | PID]     report on a ledger: running, ended or killed\n"
    "  leakwatch top [--once] [FILE | PID]           a live table of what grows\n"
    "  leakwatch export --format F [FILE | PID]      folded, pprof, csv, json, html, prometheus\n"
    "  leakwatch diff OLD NEW                        what grows now that did not before\n"
    "  leakwatch watch [-o FILE]                     metrics of all that run, for Prometheus\n"
    "  leakwatch push URL [FILE | PID]               a profile to Grafana Pyroscope\n"
    "  leakwatch list [--prune]                      which ledgers are there\n"
    "  leakwatch doctor [CMD]                        can programs be recorded here? what is in the way?\n"
    "\n"
    "  leakwatch COMMAND --help, leakwatch --version, man leakwatch\n"
    "\n"
    "Without this program: LD_PRELOAD=libleakwatch.so CMD, configured by LEAKWATCH_* variables.\n";

/* A ledger, or a file with symbols, that is cut short while it is read. */
static void on_bus_error(int signal)
{
    static const char line[] = "leakwatch: a file was cut short while it was read\n";
    (void)signal;
    if (write(STDERR_FILENO, line, sizeof line - 1) < 0)
        _exit(EXIT_FAILED);
    _exit(EXIT_FAILED);
}

#define STACK_ENOUGH ((size_t)4 << 20) /* libdw and the demangler go deep; 8 MiB is what nearly all have */

static int dispatch(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    complain("%s is no command of leakwatch; see leakwatch --help", argv[1]);
    return EXIT_USAGE;
}

/* The command, on a stack that suffices: that of main may be as small as RLIMIT_STACK says, and the limit is
 * the program's to inherit, not ours to change. */
struct task {
    int argc, status;
    char **argv;
};

static void *carry_out(void *argument)
{
    struct task *t = argument;
    t->status = dispatch(t->argc, t->argv);
    return NULL;
}

static int dispatch_with_room(int argc, char **argv)
{
    struct task task = {argc, EXIT_FAILED, argv};
    struct rlimit limit;
    pthread_attr_t attributes;
    pthread_t thread;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= STACK_ENOUGH)
        return dispatch(argc, argv);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_ENOUGH);
    if (pthread_create(&thread, &attributes, carry_out, &task) != 0)
        return dispatch(argc, argv);
    pthread_join(thread, NULL);
    return task.status;
}

int main(int argc, char **argv)
{
    signal(SIGBUS, on_bus_error);
    /* Symbols come from this machine; libdwfl would ask the servers named here. */
    unsetenv("DEBUGINFOD_URLS");
    if (argc < 2) {
        complain("which command? run, report, top, export, diff, watch, push, list or doctor; see leakwatch "
                 "--help");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return command_help(help);
    if (strcmp(argv[1], "--version") == 0)
        return command_help("leakwatch " LEAKWATCH_VERSION "\n");
    return dispatch_with_room(argc, argv);
}
