/* Unseen: work that needs descriptors for a moment, while the program's threads look on. */
#ifndef LEAKWATCH_PRELOAD_UNSEEN_H
#define LEAKWATCH_PRELOAD_UNSEEN_H

#include <stdbool.h>

/* Does the work, all signals off, on a small stack that may be another, with a table of descriptors of its
 * own if the process ever had more than one thread: none of the program's numbers is taken, closed or
 * inherited by a fork meanwhile. False: that could not be had, and nothing was done. */
bool unseen(void (*work)(void *), void *argument);

#endif
