/* Places of a pprof profile: which locations, functions and mappings it has, each written once. */
#ifndef LEAKWATCH_TOOL_PPROF_PLACES_H
#define LEAKWATCH_TOOL_PPROF_PLACES_H

#include "pprof_pieces.h"
#include "stack.h"

struct pprof_places;

/* Profile and ledger must outlive it. NULL without memory. */
struct pprof_places *pprof_places_open(struct pprof *p, const struct ledger *l);

/* The ids of a stack's locations, leaf first; what a stack lacks (frames that were cut, all of them) is a
 * location of that name. free() them; NULL without memory. */
uint64_t *pprof_places_of(struct pprof_places *places, const struct stack *stack, size_t *count);

/* Writes the modules that the locations lie in, the program's own first, as pprof expects. Frees. */
void pprof_places_close(struct pprof_places *places);

#endif
