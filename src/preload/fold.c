/* See fold.h. Every frame carries what the folded stack up to it needs to go on: its hash, the tags of its
 * last sixteen frames, the frame that precedes it there. So keeping old frames keeps all that was found of
 * them.
 */
#include "fold.h"

#include <stdbool.h>

#include "bytes.h"
#include "hints.h"

#define ALWAYS inline __attribute__((always_inline))

/* Longest cycle that is folded, in frames: recursion through an interpreter's loop takes three to five. */
#define PERIOD_MAX 16

/* A word, and what it never says. */
static const uintptr_t nought = 0;
#define HOLDS_NEVER ((struct walk_hold){&nought, 1})

/* Multiply and xor-shift, each invertible: equal results from different stacks are accidents of 64 bits.
 * The order of frames counts, and nothing cancels. How a frame was reached (FRAME_LOOSE, FRAME_BY_BP) does
 * not count. */
static inline uint64_t mix(uint64_t hash, uintptr_t pc, uint32_t flags)
{
    hash = (hash ^ pc ^ (uint64_t)(flags & (FRAME_REPEATS | FRAME_CUT | FRAME_EXACT)) << 56) *
           UINT64_C(0x9fb21c651e98df25);
    return hash ^ hash >> 32;
}

/* Do n frames of the folded stack from a on equal those from b on? */
static bool same_run(const struct walk_frame *frames, uint32_t a, uint32_t b, uint32_t n)
{
    for (; n > 0; n--) {
        if (b == WALK_ROOT || frames[a].pc != frames[b].pc)
            return false;
        a = frames[a].link;
        b = frames[b].link;
    }
    return true;
}

/* A new frame at pc, called by frames[before]: does it complete the second turn of a cycle? Then the frame
 * one turn earlier, else WALK_ROOT. */
static uint32_t turn_before(const struct walk_frame *frames, uint32_t before, uintptr_t pc)
{
    uint32_t i = before;
    for (uint32_t period = 1; period <= PERIOD_MAX && i != WALK_ROOT; period++) {
        if (frames[i].pc == pc && same_run(frames, before, frames[i].link, period - 1))
            return i;
        i = frames[i].link;
    }
    return WALK_ROOT;
}

/* One byte that stands for a pc; 0 stands for none. */
static inline uint8_t tag_of(uintptr_t pc)
{
    uint64_t tag = pc * UINT64_C(0x9e3779b97f4a7c15) >> 56;
    return (uint8_t)(tag + !tag);
}

/* The tags of a folded stack, its youngest frame's in the lowest byte, and one more in front. */
static inline struct tags push_tag(struct tags t, uint8_t tag)
{
    return (struct tags){.near = t.near << 8 | tag, .far = t.far << 8 | t.near >> 56};
}

/* Could a frame with this tag, in front of these, close a cycle? One in 16 says so by accident. */
static inline bool may_repeat(struct tags t, uint8_t tag)
{
    return (equal_bytes(t.near, tag) | equal_bytes(t.far, tag)) != 0;
}

/* Frame i, if it closes a cycle, takes the place of the same frame one turn earlier: the turn in between is
 * no longer part of the folded stack. */
static void fold(struct walk *w, uint32_t i)
{
    struct walk_frame *f = w->frames + i;
    uint32_t earlier = turn_before(w->frames, i - 1, f->pc);
    if (earlier == WALK_ROOT)
        return;
    f->link = w->frames[earlier].link;
    f->flags |= FRAME_REPEATS | (w->frames[earlier].flags & FRAME_CUT);
    f->tags = push_tag(f->link != WALK_ROOT ? w->frames[f->link].tags : (struct tags){0, 0}, tag_of(f->pc));
    f->hash = mix(f->link != WALK_ROOT ? w->frames[f->link].hash : w->epoch, f->pc, f->flags);
}

/* What decides, of the frame below, how the next one above it is checked. */
struct below {
    uint32_t bp_holds; /* entries of walk.bp_hold that are its own or older */
    bool bp_passes;    /* its bp counts, and is that of the frame above it */
};

static inline struct below below(const struct walk_frame *f)
{
    bool kept = f->bp_counts && f->bp_slot;
    return (struct below){f->bp_holds + kept, f->bp_counts && !kept};
}

/* Where frame i was read from (walk_still_holds). */
static ALWAYS struct below remember_slots(struct walk *w, uint32_t i, struct below older)
{
    struct walk_frame *f = w->frames + i;
    w->ra_hold[i + 1] = (struct walk_hold){(const uintptr_t *)(f->sp - 8), f->pc + 1};
    if (unlikely(f->flags & FRAME_LOOSE))
        w->ra_hold[i + 1] = HOLDS_NEVER;
    f->bp_holds = (uint16_t)older.bp_holds;
    f->bp_counts = (f->flags & FRAME_BY_BP) || older.bp_passes;
    if (likely(!f->bp_counts))
        return (struct below){older.bp_holds, false};
    if (f->bp_slot)
        w->bp_hold[f->bp_holds] =
            (struct walk_bp_hold){{(const uintptr_t *)(f->sp - f->bp_slot * 8u), f->bp}, i};
    return below(f);
}

void fold_append(struct walk *w, uint32_t kept, uint32_t young)
{
    struct walk_frame *f = w->frames + kept;
    uint64_t hash = kept ? f[-1].hash : w->epoch;
    struct tags tags = kept ? f[-1].tags : (struct tags){0, 0};
    struct below older = kept ? below(f - 1) : (struct below){0, false};
    w->ra_hold[0] = HOLDS_NEVER;
    for (uint32_t i = kept; young-- > 0; i++, f++) {
        const struct walk_step *step = w->young + young;
        uintptr_t pc = step->pc;
        uint8_t tag = tag_of(pc);
        bool repeats = may_repeat(tags, tag);
        hash = mix(hash, pc, step->flags);
        f->sp = step->sp;
        f->pc = pc;
        f->bp = step->bp;
        f->hash = hash;
        f->node = 0;
        f->site = 0;
        f->link = (uint16_t)(i - 1); /* 0 - 1: WALK_ROOT */
        f->flags = step->flags;
        f->bp_slot = step->bp_slot;
        f->tags = tags = push_tag(tags, tag);
        older = remember_slots(w, i, older);
        if (i && unlikely(repeats)) {
            fold(w, i);
            hash = f->hash;
            tags = f->tags;
        }
    }
    w->kept = kept;
    w->count = (uint32_t)(f - w->frames);
    w->hash = hash ? hash : 1;
}
