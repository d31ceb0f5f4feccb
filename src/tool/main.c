/* leakwatch: reads ledgers, judges, names and prints. One file a subcommand. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "complain.h"

#include "../../include/leakwatch.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {{"run", cmd_run}, {"report", cmd_report}, {"list", cmd_list}};

static const char help[] =
    "usage: leakwatch COMMAND [ARG]...\n"
    "\n"
    "Which call sites of a program keep growing? Records every allocation of an unmodified\n"
    "program and names the few places whose memory grows without bound.\n"
    "\n"
    "  leakwatch run [OPTION]... [--] CMD [ARG]...   run a program and report when it has ended\n"
    "  leakwatch report [OPTION]... [FILE | PID]     report on a ledger: running, ended or killed\n"
    "  leakwatch list [--prune]                      which ledgers are there\n"
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

static int dispatch(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    complain("%s is no command of leakwatch; see leakwatch --help", argv[1]);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    signal(SIGBUS, on_bus_error);
    /* Symbols come from this machine; libdwfl would ask the servers named here. */
    unsetenv("DEBUGINFOD_URLS");
    if (argc < 2) {
        complain("which command? run, report or list; see leakwatch --help");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return command_help(help);
    if (strcmp(argv[1], "--version") == 0)
        return command_help("leakwatch " LEAKWATCH_VERSION "\n");
    return dispatch(argc, argv);
}
