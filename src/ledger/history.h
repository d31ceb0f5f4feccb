/* A site's history: 32 windows that always cover its whole life, so memory is constant.
 *
 * Each window keeps the lowest and highest live bytes and the bytes allocated in it. When all are
 * full, neighbours merge (minimum, maximum, sum) and windows become twice as wide.
 * Pure: no clock, no memory, no system call. The recorder feeds it at ticks, the tool catches a copy
 * up to the present, the `judge` program feeds it from a CSV file: the same code.
 * Not thread-safe: a history that others may read or feed is copied, and its writer feeds a copy (at the end
 * of this file).
 */
#ifndef LEAKWATCH_LEDGER_HISTORY_H
#define LEAKWATCH_LEDGER_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#define HISTORY_WINDOWS 32

struct window {
    float low, high; /* live bytes */
    float allocated; /* bytes */
};

struct history {
    uint32_t sequence;  /* odd while a writer is inside (history_enter) */
    uint32_t site;      /* owner; a reader checks it against the site that points here */
    uint64_t start_ms;  /* age of the process when the site's clock started */
    uint64_t open_ms;   /* start of the open window */
    uint64_t last_ms;   /* age at the last sample */
    uint64_t width_ms;  /* of a closed window, at least 1 */
    uint32_t count;     /* closed windows, 0..HISTORY_WINDOWS */
    float last_live;    /* live bytes at the last sample */
    double allocated;   /* cumulative allocated bytes at the last sample */
    struct window open; /* the window being filled; its low is <= high once it has a sample */
    struct window closed[HISTORY_WINDOWS];

    /* the judge's memory (verdict.h): "held since", "broken since"; 0 = not */
    uint64_t held_ms;          /* start of the present spell of raw growth, + 1 */
    uint64_t gap_ms;           /* start of a gap in it, + 1 */
    uint64_t first_flagged_ms; /* age when first flagged, + 1; stays */
    uint32_t growing;          /* 1: flagged now */
    uint32_t told;             /* 1: counted as flagged (the recorder's: growing and large enough) */

    uint32_t peak_epoch;   /* ledger_header.peak_epoch that at_peak belongs to */
    uint32_t sample_bytes; /* mean distance of the samples that the bytes are estimated from; 0: exact. Its
                            * owner's to set, after history_init */
    uint64_t at_peak;      /* the site's live bytes when the total was at its maximum */
};

/* Starts a history at age start_ms. first_width_ms: width of the first windows (>= 1); the recorder
 * passes its first tick so that no resolution is lost. With floor_bytes 0 the site is held to have
 * started from nothing (lo[0] = 0); a warm-up passes the live bytes at its end. */
void history_init(struct history *h, uint32_t site, uint64_t start_ms, uint64_t first_width_ms,
                  double floor_bytes);

/* One sample at age now_ms (never before the last; equal is allowed): live bytes now, lowest and
 * highest since the last sample (pass live where unknown), cumulative bytes allocated. Windows that
 * passed without a sample repeat the last live bytes. Returns how many windows were closed: the
 * caller judges when it is not 0. Bounded work: O(HISTORY_WINDOWS), however long the idle time. */
uint32_t history_add(struct history *h, uint64_t now_ms, double live, double low, double high,
                     double allocated);

/* ---- between threads and processes ---- */

/* Copies without waiting, tries a few times. False: a writer was inside throughout, or died there; the copy
 * is torn and its sequence is odd. */
bool history_read(const struct history *h, struct history *copy);

/* The only writer works on a copy and puts it back when it leaves, so that hardly any reader meets it and
 * hardly any end of the process tears a history. False: another writer is inside, nothing was copied. */
bool history_enter(struct history *h, struct history *copy);
void history_leave(struct history *h, const struct history *copy);

#endif
