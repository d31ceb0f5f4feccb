/* Memo: which site did this stack lead to? A program that does several things in turn comes to the same few
 * stacks again and again, but the walk before is then another one. An entry keeps of a walk what was new in
 * it: the caller, and the words of the stack from there up to the frame where it met the walk before (its
 * hash stands for all that lies below). While these words, and those that the met frame hangs on, are as they
 * were, another walk would find the same: of the stacks that differ from the last one, few need a walk.
 *
 * Entries are found by the caller's place on the stack and its return address. They decide nothing: a stack
 * that is not found is walked. A thread has one depth of walks for ever.
 */
#ifndef LEAKWATCH_PRELOAD_MEMO_H
#define LEAKWATCH_PRELOAD_MEMO_H

#include <stdint.h>

#include "bytes.h"
#include "capture.h"
#include "cpu.h"

#define MEMO_SET_BITS 4
#define MEMO_WAYS     8u  /* one function is called by several from the same height */
#define MEMO_HOLDS    28u /* a new frame takes one, and one more where its bp counts */

struct memo_entry {
    uintptr_t sp, ra, bp;         /* the caller's */
    uintptr_t met_sp, met_bp;     /* of the frame that was met */
    uint64_t met_hash;            /* and of the whole stack from it on */
    uint32_t epoch, stacks_known; /* as in struct walk */
    uint32_t site;                /* what all this leads to */
    uint16_t met;                 /* index of the frame that was met */
    uint8_t holds;                /* how many words count, from the caller's caller to the met frame */
    uint8_t bp_counts;            /* the caller's bp */
    uint64_t sum;                 /* of these words, see memo_sum */
    uint16_t hold[MEMO_HOLDS];    /* where they are, in words from sp */
};
_Static_assert(sizeof(struct memo_entry) == 128, "two cache lines");

struct memo {
    uint64_t tags[1 << MEMO_SET_BITS]; /* of a set, a byte for each way; 0: nothing is there */
    uint32_t turn;                     /* way that the next entry takes */
    _Alignas(64) struct memo_entry entries[1 << MEMO_SET_BITS][MEMO_WAYS];
};
_Static_assert(MEMO_WAYS == 8, "a tag is a byte of a word");

/* Where a caller's entries are. */
struct memo_place {
    uint32_t set;
    uint8_t tag;
};

static inline struct memo_place memo_place(struct caller who)
{
    uint64_t key = ((who.sp >> 3) ^ who.ra << 20) * UINT64_C(0x9e3779b97f4a7c15);
    uint8_t tag = (uint8_t)(key >> 48);
    return (struct memo_place){.set = (uint32_t)(key >> (64 - MEMO_SET_BITS)), .tag = tag ? tag : 1};
}

static inline bool memo_is_of(const struct memo_entry *e, struct caller who)
{
    return e->sp == who.sp && e->ra == who.ra && (e->bp == who.bp || !e->bp_counts);
}

/* Was nothing learnt or forgotten since that makes walks other walks, or takes the stack away? Asked before
 * the stack is read. */
static inline bool memo_is_current(const struct memo_entry *e, const struct walk *w)
{
    return e->epoch == __atomic_load_n(&module_epoch, __ATOMIC_ACQUIRE) &&
           e->stacks_known == __atomic_load_n(&bounds_generation, __ATOMIC_ACQUIRE) &&
           e->stacks_known == w->stacks_known;
}

/* Has the walk still in it the frame that was met, with the same below, and are we on that stack? */
static inline bool memo_meets(const struct memo_entry *e, const struct walk *w)
{
    const struct walk_frame *f = &w->frames[e->met];
    return e->met < w->count && f->sp == e->met_sp && f->hash == e->met_hash &&
           (f->bp == e->met_bp || !f->bp_counts) && e->sp - w->stack.lo < w->stack.hi - w->stack.lo;
}

/* Stands for the words: what was one return address or frame is hardly ever another with the same sum (a
 * polynomial of an odd number, modulo 2^64), and half of what an entry took is saved. */
READS_STACK static inline uint64_t memo_sum(const struct memo_entry *e)
{
    const uint64_t *words = (const uint64_t *)e->sp;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < e->holds; i++)
        sum = (sum + words[e->hold[i]]) * UINT64_C(0x9e3779b97f4a7c15);
    return sum;
}

static inline bool memo_holds(const struct memo_entry *e, const struct walk *w)
{
    return memo_sum(e) == e->sum && walk_still_holds(w, e->met) == 0;
}

/* The site of the stack of who, or 0: not known. */
static inline uint32_t memo_find(const struct memo *m, const struct walk *w, struct caller who)
{
    struct memo_place at = memo_place(who);
    for (uint64_t ways = equal_bytes(m->tags[at.set], at.tag); ways; ways &= ways - 1) {
        const struct memo_entry *e = &m->entries[at.set][__builtin_ctzll(ways) / 8];
        if (memo_is_of(e, who) && memo_is_current(e, w) && memo_meets(e, w) && memo_holds(e, w))
            return e->site;
    }
    return 0;
}

/* w was just walked from who, and led to this site. */
void memo_note(struct memo *m, const struct walk *w, struct caller who, uint32_t site);

/* Nothing is remembered any more. */
void memo_forget(struct memo *m);

#endif
