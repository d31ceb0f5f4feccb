/* Pieces of a pprof profile: gzip'd protobuf, written as it comes.
 *
 * Messages of protobuf that follow one another are one message: repeated fields are appended. So a profile is
 * written in pieces, a sample, a location or a string at a time, and nothing of it is kept but which strings
 * there were. Only export_pprof.c and pprof_places.c use this.
 */
#ifndef LEAKWATCH_TOOL_PPROF_PIECES_H
#define LEAKWATCH_TOOL_PPROF_PIECES_H

#include <stdint.h>
#include <stdio.h>

#include "pprof.pb-c.h"

struct pprof;

/* out must outlive it. NULL without memory. */
struct pprof *pprof_open(FILE *out);

/* Appends what is set in piece. A failure is told by pprof_close. */
void pprof_put(struct pprof *p, const Pprof__Profile *piece);

/* The index of a string, which is written when it is new; 0, the empty one, for NULL and without memory. The
 * strings are the target's: control bytes and broken UTF-8 are made visible. */
int64_t pprof_string(struct pprof *p, const char *text);

/* Writes the rest and frees. 0, or -1: without memory, something is missing. */
int pprof_close(struct pprof *p);

#endif
