/* What a walk is measured against: libunwind's own unw_backtrace, loaded locally, from the same place. */
#ifndef LEAKWATCH_TESTS_CAPTURE_TRUTH_H
#define LEAKWATCH_TESTS_CAPTURE_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "capture.h"

#define TRUTH_ROOM 300

/* NULL, or why there is no libunwind. */
const char *truth_init(void);

/* True: capture_raw and libunwind agree, frame for frame, on the stack above `who`; both are walked to
 * their ends. Otherwise *frame is the first that differs, and both stacks are printed if `loud`. */
bool truth_agrees(struct walk *w, const struct caller *who, uint32_t *frame, bool loud);

/* The same above the function of that frame address, and a walk that reuses: for callers in C++. */
bool truth_agrees_at(const void *frame_address);

#endif
