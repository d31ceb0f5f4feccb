/* Demand: a report now, asked for by a signal (LEAKWATCH_SIGNAL). The handler only notes it; life answers at
 * the program's next look at the clock, at most STRIDE_MOST events on. */
#ifndef LEAKWATCH_PRELOAD_DEMAND_H
#define LEAKWATCH_PRELOAD_DEMAND_H

#include <signal.h>
#include <stdbool.h>

#include "thread.h"

extern volatile sig_atomic_t demand_made;

/* Takes the signal, if one was named. False: it cannot be taken. */
bool demand_listen(void);

/* The report of the process as it is. */
void demand_answer(struct thread *t);

#endif
