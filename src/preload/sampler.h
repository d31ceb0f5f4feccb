/* The sampler: time passes inside the program's own calls, there is no thread of ours.
 *
 * Every recorded event counts down; at zero the thread looks at the clock, and when its tick is due it
 * publishes its counters, closes the windows of the sites it touched and judges them.
 */
#ifndef LEAKWATCH_PRELOAD_SAMPLER_H
#define LEAKWATCH_PRELOAD_SAMPLER_H

#include <stdint.h>

#include "thread.h"

/* The countdown is over: looks at the clock, ticks if it is time. Signal-safe by the caller's guard. */
void sampler_poll(struct thread *t);

/* This thread's tick, now, whatever the clock says: before the process ends. */
void sampler_tick(struct thread *t);

/* A site was evicted from a thread's counters: if its sample is due, it is taken now. */
void sampler_leaving(uint32_t site);

/* A mapping's site was charged outside any thread's counters: its sample is taken if due. The caller is
 * off the program's stack. */
void sampler_touched(uint32_t site);

/* Every site that has a history, one last time: when exit begins. Returns how many grow now. */
uint32_t sampler_last(struct thread *t);

#endif
