/* The process that a ledger is about: does it still run, how did it end, how long did it live? */
#ifndef LEAKWATCH_TOOL_PROCESS_H
#define LEAKWATCH_TOOL_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "layout.h"

enum process_end { PROCESS_RUNNING, PROCESS_EXITED, PROCESS_KILLED, PROCESS_EXECED, PROCESS_UNKNOWN };

struct process {
    bool alive;  /* its /proc entry can be asked; also true while its exit has only begun */
    bool hidden; /* whether it runs cannot be told from here (namespaces.h) */
    enum process_end end;
    int exit_status;    /* valid with PROCESS_EXITED, -1 = not known */
    int signal;         /* valid with PROCESS_KILLED, 0 = not known */
    bool exiting;       /* its exit has begun or is over: what is freed now is not held against it */
    uint64_t age_ms;    /* how old it is, or became */
    uint64_t judged_ms; /* the age up to which its sites are judged: when exit began, if it did */
};

struct process process_of(const struct ledger_header *head);

/* Field 22 of /proc/PID/stat, which with the pid tells processes apart; 0 when there is none, or when
 * it is a zombie and zombies are not wanted. */
uint64_t process_start_ticks(pid_t pid, bool zombies);

/* "running", "exit", "killed", "exec", "unknown": as in JSON. */
const char *process_end_name(enum process_end end);

/* "SIGKILL", or NULL for a number that has no name. */
const char *process_signal_name(int signal);

#endif
