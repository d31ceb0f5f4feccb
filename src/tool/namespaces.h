/* Namespaces: a pid means a process only inside its PID namespace. Containers that share /dev/shm, or a host
 * that looks into theirs, see ledgers whose pids belong to other processes here. */
#ifndef LEAKWATCH_TOOL_NAMESPACES_H
#define LEAKWATCH_TOOL_NAMESPACES_H

#include <sys/types.h>

#include "layout.h"

enum life { LIFE_DEAD, LIFE_ALIVE, LIFE_HIDDEN };

/* Of the process that wrote this ledger and has not said that it ended. LIFE_HIDDEN: from here it cannot be
 * told. */
enum life namespaces_life(const struct ledger_header *head);

/* The pid by which that process is seen from here; 0: it is not alive, or not to be seen. */
pid_t namespaces_pid(const struct ledger_header *head);

#endif
