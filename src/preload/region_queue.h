/* Region queue: what happened to mappings, in order, until somebody applies it.
 *
 * Bounded, lock-free, many writers, one reader at a time (regions.c's lock). The method is Dmitry
 * Vyukov's bounded MPMC queue: every slot has a sequence number that says whose turn it is. Here the
 * number is kept less the slot's index, so that a queue of zeroes is an empty queue: the one that
 * MADV_WIPEONFORK leaves in a forked child.
 */
#ifndef LEAKWATCH_PRELOAD_REGION_QUEUE_H
#define LEAKWATCH_PRELOAD_REGION_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

enum region_event_kind { EVENT_MAP, EVENT_UNMAP, EVENT_PROTECT, EVENT_LIFT, EVENT_LAND };

struct region_event {
    uintptr_t start; /* of the range; page aligned */
    uintptr_t end;
    uintptr_t to, to_end; /* EVENT_LAND: where the range at start .. end has gone */
    uint32_t site;
    uint16_t kind; /* enum region_event_kind */
    bool writable; /* EVENT_MAP, EVENT_PROTECT */
    bool keep_old; /* EVENT_LAND */
};

/* The kernel makes about half a million mappings a second for one process, and a reader that lost its
 * processor may be away for 4 ms; whoever finds the queue full drops its event. 224 KiB, touched as it
 * is used. A power of two. */
#define REGION_QUEUE_SLOTS 4096u

struct region_slot {
    uint64_t turn; /* writers wait for position - index, readers for one more; release after the event */
    struct region_event event;
};

struct region_queue {
    uint64_t tail; /* next position to write: CAS */
    uint64_t head; /* next position to read: only the reader moves it, anybody may look */
    struct region_slot slots[REGION_QUEUE_SLOTS];
};

/* False when it is full. A writer must not be interrupted by a signal handler that may not return. */
bool region_queue_put(struct region_queue *q, const struct region_event *event);
/* The oldest event, or NULL when there is none whose writer has finished. It stays until dropped. */
const struct region_event *region_queue_first(struct region_queue *q);
void region_queue_drop(struct region_queue *q);

#endif
