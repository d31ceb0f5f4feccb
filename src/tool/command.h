/* Commands: what main.c's table is made of, and what they share of option parsing. */
#ifndef LEAKWATCH_TOOL_COMMAND_H
#define LEAKWATCH_TOOL_COMMAND_H

#include <getopt.h>
#include <stdbool.h>

/* argv[0] is the subcommand. Returns the exit status. */
int cmd_run(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_watch(int argc, char **argv);
int cmd_push(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_doctor(int argc, char **argv);

/* One line on stderr about an option that getopt_long answered with '?' or ':'; returns EXIT_USAGE. */
int command_misused(const char *command, char **argv, int answer);

/* The value of a subcommand's option, a number from 0 to most; -1 after one line on stderr. */
int command_number(const char *command, const char *option, const char *text, int most);

/* Such a value, a time from 1s to 24h, in seconds; -1 after one line on stderr. */
long command_seconds(const char *command, const char *option, const char *text);

/* Help goes to stdout; returns EXIT_DONE. */
int command_help(const char *text);

#endif
