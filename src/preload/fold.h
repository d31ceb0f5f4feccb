/* Fold: new frames in front of the old ones of a walk. A recursion's cycle is kept once, and the whole
 * hashed; the slots are noted by which the next walk will know an unchanged frame.
 */
#ifndef LEAKWATCH_PRELOAD_FOLD_H
#define LEAKWATCH_PRELOAD_FOLD_H

#include <stdint.h>

#include "capture.h"

/* w->young[0..young-1], youngest first, in front of w->frames[0..kept-1]. Sets w->count and w->hash. */
void fold_append(struct walk *w, uint32_t kept, uint32_t young);

#endif
