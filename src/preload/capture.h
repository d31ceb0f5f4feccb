/* Capture: who asked for memory? From the caller of a hook to a folded, hashed call stack.
 *
 * The walk belongs to one thread and lies in that thread's mapped block, never on the program's stack.
 * frames[0] is the root (oldest) frame, frames[count-1] the youngest, so that what the previous walk
 * and this one share stays where it is and only the young end is written.
 * Folding (a recursion's cycle kept once) happens while hashing: every frame carries the hash of the
 * folded stack up to it, and `link`, the frame that precedes it in that folded stack.
 */
#ifndef LEAKWATCH_PRELOAD_CAPTURE_H
#define LEAKWATCH_PRELOAD_CAPTURE_H

#include <stdint.h>

#include <stdbool.h>
#include "bounds.h"
#include "cpu.h"
#include "hints.h"
#include "modules.h"

#define WALK_MAX  256    /* most frames of a stack; LEAKWATCH_DEPTH is clamped to it */
#define WALK_ROOT 0xffff /* link of the first frame of a folded stack */

enum frame_flag {
    FRAME_REPEATS = 1, /* youngest frame of a folded cycle */
    FRAME_CUT = 2,     /* the stack went on beyond this root frame (or this copy of it, when folded) */
    FRAME_EXACT = 4,   /* pc was interrupted by a signal: not a return address */
    FRAME_LOOSE = 8,   /* reached by more than its return and BP slots tell: always stepped to anew */
    FRAME_BY_BP = 16,  /* its caller is found by way of BP */
};

/* Where a walk stands: all that decides what comes next. */
struct walk_step {
    uintptr_t sp;    /* of this frame, once its callee has returned (the callee's CFA) */
    uintptr_t pc;    /* return address - 1, or the exact pc (FRAME_EXACT): what is looked up */
    uintptr_t bp;    /* frame register in this frame */
    uint8_t flags;   /* FRAME_EXACT, FRAME_LOOSE; FRAME_CUT, FRAME_BY_BP once it is known */
    uint8_t bp_slot; /* this frame's bp was restored from *(sp - 8 * bp_slot); 0 = it was unchanged */
};

/* Of the last 16 frames of a folded stack, a byte each (capture.c): is a pc among them? */
struct tags {
    uint64_t near, far;
};

struct walk_frame {
    uintptr_t sp, pc, bp; /* as in struct walk_step; bp only where bp_counts, else it may be an older one */
    struct tags tags;
    uint64_t hash;     /* of the folded stack from the root to this frame */
    uint32_t node;     /* ledger node of the folded stack up to here, 0 = not asked yet (sites.c) */
    uint32_t site;     /* of a block that is allocated here, 0 = not asked yet (sites.h) */
    uint16_t link;     /* index of the folded predecessor, or WALK_ROOT */
    uint16_t bp_holds; /* how many entries of walk.bp_hold are older frames' */
    uint8_t flags;     /* enum frame_flag */
    uint8_t bp_slot;   /* as in struct walk_step */
    uint8_t bp_counts; /* its bp decides where an older frame is found */
};
_Static_assert(sizeof(struct walk_frame) == 64, "a frame is one cache line");

/* A slot of the stack that a frame was read from: while it holds this word, the frame is the same. */
struct walk_hold {
    const uintptr_t *at;
    uintptr_t is;
};

/* The slot of a frame's bp, where its bp counts. */
struct walk_bp_hold {
    struct walk_hold slot;
    uint32_t frame; /* which, by index */
};

/* The last walk, if it came to the stack's end: all that must still be so for the next one to be the same. */
struct walk_last {
    uintptr_t sp, ra, bp;         /* the caller's; sp is 0 when the next walk is to be walked */
    uintptr_t bp_counts;          /* all ones or 0 */
    const struct walk_hold *hold; /* of the caller's caller; from there down to the root's */
    uint32_t bp_holds;
    uint32_t epoch, stacks_known; /* as in struct walk */
    uint32_t depth;
};

struct walk {
    _Alignas(64) struct walk_last last;
    uint64_t hash; /* of the whole folded stack: frames[count-1].hash; never 0 */
    uint32_t count;
    uint32_t kept;         /* how many of them the walk before had found already */
    uint32_t epoch;        /* module epoch these frames were walked in; another one: nothing is reused */
    struct stack stack;    /* that the youngest frame lies on; all zero: not known yet */
    struct stack here;     /* that the walk has come to (a signal handler's stack leads to another) */
    uint32_t stacks_known; /* bounds_generation that `stack` was found in */
    struct walk_step odd;  /* workspace: a step that is not plain, or where the walk has come to */
    _Alignas(64) struct walk_frame frames[WALK_MAX];
    struct walk_hold ra_hold[WALK_MAX + 1]; /* [i + 1]: frame i's return address; of the root's caller, and of
                                             * a loose frame, what never holds */
    struct walk_bp_hold bp_hold[WALK_MAX];  /* from the root on, without gaps */
    struct walk_step young[WALK_MAX];       /* workspace: new frames, youngest first */
};

READS_STACK static inline bool walk_holds(const struct walk_hold *slot)
{
    return *slot->at == slot->is;
}

/* The first, from here towards the root, that does not hold; ra_hold[0] never does. */
static inline const struct walk_hold *walk_first_changed(const struct walk_hold *ra)
{
    for (;; ra -= 4) { /* four at a time: an instruction less for each frame */
        if (!walk_holds(ra))
            return ra;
        if (!walk_holds(ra - 1))
            return ra - 1;
        if (!walk_holds(ra - 2))
            return ra - 2;
        if (!walk_holds(ra - 3))
            return ra - 3;
    }
}

/* frames[top] holds. The last frame, going towards the root, of which that is true as well: younger frames
 * lead to it by rules that have not changed, through slots that have not changed. Where BP leads nowhere, as
 * in nearly all code, only return addresses are looked at: 0.5 ns a frame. */
static inline uint32_t walk_still_holds(const struct walk *w, uint32_t top)
{
    uint32_t bps = w->frames[top].bp_holds;
    top = (uint32_t)(walk_first_changed(&w->ra_hold[top]) - w->ra_hold);
    for (; unlikely(bps) && w->bp_hold[bps - 1].frame >= top; bps--)
        if (!walk_holds(&w->bp_hold[bps - 1].slot))
            top = w->bp_hold[bps - 1].frame + 1;
    return top;
}

/* Is the whole stack the one that was walked last? A loop that allocates asks nothing else. */
static inline bool capture_unchanged(const struct walk *w, struct caller who)
{
    const struct walk_last *last = &w->last;
    if (last->sp != who.sp || last->ra != who.ra || ((last->bp ^ who.bp) & last->bp_counts) ||
        last->epoch != __atomic_load_n(&module_epoch, __ATOMIC_ACQUIRE) ||
        last->stacks_known != __atomic_load_n(&bounds_generation, __ATOMIC_ACQUIRE))
        return false;
    if (walk_first_changed(last->hold) != w->ra_hold)
        return false;
    for (uint32_t i = 0; unlikely(i < last->bp_holds); i++)
        if (!walk_holds(&w->bp_hold[i].slot))
            return false;
    return true;
}

/* The next walk will take nothing over from this one. */
static inline void walk_forget(struct walk *w)
{
    w->count = 0;
    w->last.sp = 0;
}

/* Loads libunwind. From the library's constructor, once, outside all hooks: dlopen allocates. Before
 * it, and when it fails, walks keep the first frame only. Returns NULL, or why not (static text). */
const char *capture_init(void);

/* Walks the caller's stack into w. Never fails: at least the caller's own frame is there.
 * depth: most frames kept (1..WALK_MAX). Signal-safe as long as w is not in use on this thread. */
void capture(struct walk *w, const struct caller *who, uint32_t depth);

/* The same without reuse and folding: the frames' pcs (less 1 where they are return addresses), youngest
 * first, into pcs; returns how many (tests). Leaves the walk's frames as they are. */
uint32_t capture_raw(struct walk *w, const struct caller *who, uintptr_t *pcs, uint32_t room);

/* In a forked child: what was being learnt by another thread at that moment can't be trusted. */
void capture_forked(void);

#endif
