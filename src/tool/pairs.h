/* Pairs: which site of one report is which of another, when the program may have been built anew in between.
 *
 * Addresses say nothing then. Places are compared in four rounds, each among those that are left:
 *
 *     1. all functions, files and lines of the stack are the same
 *     2. all functions are: lines have moved
 *     3. the function that names the site and its next two callers are: something changed far from it
 *     4. that function and its caller are: something changed not so far from it
 *
 * A frame without a name is its module's build-id and offset, and so only the same in the same build. Where
 * several have the same place, the uppermost in the file comes first, then the one that held most.
 */
#ifndef LEAKWATCH_TOOL_PAIRS_H
#define LEAKWATCH_TOOL_PAIRS_H

#include "kept.h"

#define PAIRS_NONE UINT32_MAX

/* Sites of one report at one place by round 1 (a recursion folded and not, an unrolled loop) become one: the
 * first, their leader, has the figures of all. 0, or -1 without memory. */
int pairs_merge(struct kept *k);

/* Both must be merged. partner[i]: of the site i of b, the site of a, or PAIRS_NONE; as many as b has, to be
 * freed. Only leaders have partners. NULL without memory. */
uint32_t *pairs_find(const struct kept *a, const struct kept *b);

#endif
