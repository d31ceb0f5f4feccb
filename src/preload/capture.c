/* See capture.h. The walk, in order:
 *
 *   1. step     from a frame to its caller: its rule, two or three words of the stack       (6 ns)
 *   2. reuse    a frame that equals one of the previous walk: check that the slots the rest was
 *               read from still hold the same words, and keep those frames as they lie     (0.8 ns)
 *   3. append   the new frames in front of the kept ones: fold, hash (fold.c)         (4 ns)
 *
 * The result is a function of the stack's contents alone, never of the walk before: what reuse saves is
 * work. Every read is checked against the stack's bounds; nothing below the first frame is read.
 * Runs inside malloc and signal handlers: no lock, no errno, 300 bytes of stack. The unknown is learn.c's.
 */
#include "capture.h"

#include <stdbool.h>

#include "book.h"
#include "fold.h"
#include "hints.h"
#include "learn.h"
#include "modules.h"
#include "rules.h"

#define ALWAYS inline __attribute__((always_inline))

/* A frame pointer step may not go further than this (libunwind has the same limit): where the frame
 * register holds something else, that is seldom a near address. */
#define STRIDE_MAX 0x4000

/* Nothing is ever mapped below (vm.mmap_min_addr). */
#define CODE_LEAST 0x10000

enum way { WAY_ON, WAY_END, WAY_CUT }; /* a caller was found; there is none; it can't be found */

READS_STACK static inline uintptr_t word(uintptr_t address)
{
    return *(const uintptr_t *)address;
}

/* ---- 1. step ---- */

static uint32_t rule_of(const struct walk *w, uintptr_t pc)
{
    uint32_t rule = rules_find(pc, w->epoch);
    return likely(rule) ? rule : learn(pc);
}

/* The caller's frame lies at cfa, its return address right below. False: that can't be. */
static ALWAYS bool return_to(const struct walk *w, struct walk_step *at, uintptr_t cfa)
{
    if (unlikely(cfa - at->sp - 1 >= w->here.hi - at->sp || (cfa & 7)))
        return false;
    at->pc = word(cfa - 8) - 1;
    return true;
}

/* In an epilogue, tables go on naming slots that have been popped. When a signal interrupts there, these
 * words still stand in the 128 bytes below SP that a handler leaves alone. */
static COLD bool in_red_zone(const struct walk *w, uintptr_t sp, uintptr_t address)
{
    return address >= sp - 128 && address < sp && address >= w->here.lo;
}

/* Rules SP and BP: all that nearly all frames need. base: SP or BP. */
static ALWAYS enum way step_plain(const struct walk *w, struct walk_step *at, uint32_t rule, uintptr_t base)
{
    uintptr_t from = at->sp, cfa = base + rule_c(rule);
    uint32_t slot = rule_slot(rule);
    if (!return_to(w, at, cfa))
        return WAY_CUT;
    if (slot) {
        if (unlikely(slot * 8 > cfa - from) && !in_red_zone(w, from, cfa - slot * 8))
            return WAY_CUT;
        at->bp = word(cfa - slot * 8);
    }
    at->sp = cfa;
    at->bp_slot = (uint8_t)slot;
    at->flags = 0;
    return at->pc + 1 ? WAY_ON : WAY_END;
}

static inline bool on_stack(const struct walk *w, uintptr_t sp, uintptr_t address)
{
    return address >= sp && address < w->here.hi && w->here.hi - address >= 8 && (address & 7) == 0;
}

/* The caller's frame hangs on one more slot than reuse verifies, so it is FRAME_LOOSE. */
static COLD enum way step_realigned(const struct walk *w, struct walk_step *at, uint32_t rule)
{
    uintptr_t holds_cfa = at->bp - rule_c(rule), holds_bp = at->bp - rule_slot(rule) * 8;
    if (!on_stack(w, at->sp, holds_cfa) || !on_stack(w, at->sp, holds_bp))
        return WAY_CUT;
    uintptr_t cfa = word(holds_cfa);
    if (!return_to(w, at, cfa))
        return WAY_CUT;
    *at = (struct walk_step){.sp = cfa, .pc = at->pc, .bp = word(holds_bp), .flags = FRAME_LOOSE};
    return at->pc + 1 ? WAY_ON : WAY_END;
}

/* What a signal interrupted: registers in the ucontext, perhaps on another stack. */
static COLD enum way step_signal(struct walk *w, struct walk_step *at)
{
    uintptr_t context = at->sp;
    if (!on_stack(w, context, context) || !on_stack(w, context, context + RULE_SIGNAL_PC))
        return WAY_CUT;
    uintptr_t sp = word(context + RULE_SIGNAL_SP);
    if (sp < w->here.lo || sp >= w->here.hi)
        w->here = bounds_of(sp);
    else if (sp <= context)
        return WAY_CUT;
    *at = (struct walk_step){.sp = sp,
                             .pc = word(context + RULE_SIGNAL_PC),
                             .bp = word(context + RULE_SIGNAL_BP),
                             .flags = FRAME_EXACT | FRAME_LOOSE};
    if (w->here.hi == 0) {
        w->here = (struct stack){sp, sp}; /* nothing there may be read */
        loss(LOSS_NO_BOUNDS);
    }
    return WAY_ON;
}

/* Is this the address of code, as far as can be told? Something an unwind table covers; or, for JIT code,
 * something that is followed by a frame pointer that leads on. */
static bool leads_on(const struct walk *w, uintptr_t pc, uintptr_t bp, uintptr_t next_bp)
{
    if (pc < CODE_LEAST || pc >> RULES_PC_BITS)
        return false;
    uint32_t rule = rule_of(w, pc);
    if (rule && rule_kind(rule) != RULE_OPAQUE)
        return true;
    return next_bp > bp && on_stack(w, bp, next_bp);
}

/* No rule: JIT code, hand-written assembler. Frame pointers, if these are frame pointers. */
static NOINLINE enum way step_by_frame_pointer(const struct walk *w, struct walk_step *at)
{
    uintptr_t bp = at->bp;
    if (bp == 0)
        return WAY_END; /* the ABI's mark of the outermost frame */
    if (!on_stack(w, at->sp, bp) || !on_stack(w, at->sp, bp + 8) || bp - at->sp > STRIDE_MAX)
        return WAY_CUT;
    uintptr_t next_bp = word(bp), pc = word(bp + 8) - 1;
    if (pc + 1 == 0)
        return WAY_END;
    if (!leads_on(w, pc, bp, next_bp))
        return WAY_CUT;
    /* Both words were read from right below the new frame, as by rule BP: they tell all, and all that
     * leads_on looked at. */
    *at = (struct walk_step){.sp = bp + 16, .pc = pc, .bp = next_bp, .bp_slot = 2};
    return WAY_ON;
}

static NOINLINE enum way step_oddly(struct walk *w, struct walk_step *at, uint32_t rule, uint8_t *flags)
{
    if (rule_kind(rule) == RULE_BP || rule_kind(rule) == RULE_REALIGN || rule_kind(rule) == RULE_OPAQUE)
        *flags |= FRAME_BY_BP;
    switch (rule_kind(rule)) {
    case RULE_SP:
        return step_plain(w, at, rule, at->sp);
    case RULE_BP:
        return step_plain(w, at, rule, at->bp);
    case RULE_REALIGN:
        return step_realigned(w, at, rule);
    case RULE_SIGNAL:
        return step_signal(w, at);
    case RULE_OPAQUE:
        return step_by_frame_pointer(w, at);
    case RULE_END:
        return WAY_END;
    case RULE_UNKNOWN:
        return WAY_CUT;
    }
    return WAY_CUT;
}

/* Member by member: a copy as a whole would keep the compiler from holding a step in registers. */
static ALWAYS void copy_step(struct walk_step *to, const struct walk_step *from)
{
    to->sp = from->sp;
    to->pc = from->pc;
    to->bp = from->bp;
    to->flags = from->flags;
    to->bp_slot = from->bp_slot;
}

/* From a frame to its caller; sets FRAME_BY_BP in *flags where BP has led there. Unless it returns WAY_ON,
 * *at is void. The odd cases work on a copy, so that in the loops *at stays in registers: through memory a
 * step takes twice as long. */
static ALWAYS enum way step(struct walk *w, struct walk_step *at, uint8_t *flags)
{
    uint32_t rule = rules_find(at->pc, w->epoch);
    if (unlikely(!rule))
        rule = learn(at->pc);
    if (likely(rule_kind(rule) == RULE_SP))
        return step_plain(w, at, rule, at->sp);
    if (likely(rule_kind(rule) == RULE_BP)) {
        *flags |= FRAME_BY_BP;
        return step_plain(w, at, rule, at->bp); /* a jump, no selection: its outcome can be foreseen */
    }
    copy_step(&w->odd, at);
    enum way way = step_oddly(w, &w->odd, rule, flags);
    copy_step(at, &w->odd);
    return way;
}

/* ---- 2. reuse ---- */

/* Does the frame equal one of the previous walk, reached likewise? Then all that led to it is the same. Where
 * its bp counts, the slot that it is known by must be the one it was read from now: another may go stale. */
static inline bool same_frame(const struct walk_frame *old, const struct walk_step *at)
{
    return old->sp == at->sp && old->pc == at->pc &&
           (!old->bp_counts || (old->bp == at->bp && old->bp_slot == at->bp_slot)) &&
           ((old->flags ^ at->flags) & (FRAME_EXACT | FRAME_LOOSE)) == 0;
}

/* Before a walk leaves the old frames at frames[bottom]: bp, which did not count so far, may count now. bp is
 * that of frames[top], from where they have been found to hold. */
static void refresh(struct walk *w, uint32_t top, uint32_t bottom, uintptr_t bp)
{
    w->frames[top].bp = bp;
    while (top-- > bottom) {
        struct walk_frame *f = w->frames + top;
        if (f->bp_slot)
            bp = word(f->sp - f->bp_slot * 8u);
        f->bp = bp;
    }
}

static ALWAYS void frame_to_step(struct walk_step *step, const struct walk_frame *frame)
{
    step->sp = frame->sp;
    step->pc = frame->pc;
    step->bp = frame->bp;
    step->flags = frame->flags & (FRAME_EXACT | FRAME_LOOSE | FRAME_BY_BP);
    step->bp_slot = frame->bp_slot;
}

/* A walk under way, when it takes one of the rarer turns. The frame it has come to, not yet among the
 * young, is w->odd. */
struct progress {
    uint32_t young; /* new frames so far */
    uint32_t old;   /* frames[0..old-1] may still be met; at the end: are part of the result */
    enum way way;
};

/* frames[top] is the frame the walk has come to; from there they hold down to frames[bottom]. Goes on by
 * steps where only a step can tell. True: they hold down to the root, and nothing new lies beyond. False:
 * the caller of frames[*bottom] is another one: w->odd, p->way. */
static bool follow(struct walk *w, struct progress *p, uint32_t *bottom)
{
    for (;;) {
        uint32_t i = *bottom;
        p->way = WAY_END;
        if (i == 0 && !(w->frames[0].flags & FRAME_CUT))
            return true;
        frame_to_step(&w->odd, w->frames + i);
        p->way = step_oddly(w, &w->odd, rule_of(w, w->odd.pc), &w->frames[i].flags);
        if (i == 0)
            return p->way == WAY_CUT;
        if (p->way != WAY_ON || !same_frame(w->frames + i - 1, &w->odd) || (w->odd.flags & FRAME_EXACT))
            return false;
        *bottom = walk_still_holds(w, i - 1);
        refresh(w, i - 1, *bottom, w->odd.bp);
    }
}

/* Takes frames[bottom..top] over as new ones: their place, or the stack below them, is not what it was. */
static void take_over(struct walk *w, struct progress *p, uint32_t top, uint32_t bottom, uint32_t depth)
{
    p->old = bottom;
    for (uint32_t i = top + 1; i-- > bottom;) {
        if (p->young == depth) {
            p->way = WAY_ON; /* there are more: cut */
            return;
        }
        frame_to_step(w->young + p->young++, w->frames + i);
    }
}

/* The walk has met frames[top], which hold down to frames[bottom]; then something is different. True: the
 * walk is complete. */
static NOINLINE bool meet(struct walk *w, struct progress *p, uint32_t top, uint32_t bottom, uint32_t depth)
{
    bool whole = follow(w, p, &bottom);
    uint32_t count = p->young + top + 1;
    if ((whole && count <= depth) || (bottom == 0 && p->way == WAY_ON && count == depth)) {
        p->old = top + 1; /* all as before, or cut at the same frame as before */
        return true;
    }
    take_over(w, p, top, bottom, depth);
    if (w->odd.flags & FRAME_EXACT)
        p->old = 0; /* another stack perhaps: nothing of it is known to be unchanged */
    if (!whole && p->way == WAY_ON && p->young < depth)
        return false;
    p->old = 0;
    return true;
}

/* ---- the whole ---- */

/* How many of the old frames may be met: none in another epoch or on another stack. */
static COLD uint32_t start_anew(struct walk *w, uintptr_t sp, uint32_t epoch)
{
    struct stack stack = w->stack;
    uint32_t known = __atomic_load_n(&bounds_generation, __ATOMIC_ACQUIRE);
    if (w->stacks_known != known || sp < stack.lo || sp >= stack.hi)
        stack = bounds_of(sp);
    bool same = epoch == w->epoch && stack.lo <= w->stack.lo && stack.hi == w->stack.hi;
    w->epoch = epoch;
    w->stack = stack;
    w->stacks_known = known;
    return same ? w->count : 0;
}

static inline uint32_t reusable(struct walk *w, uintptr_t sp)
{
    uint32_t epoch = __atomic_load_n(&module_epoch, __ATOMIC_ACQUIRE);
    uint32_t count = w->count;
    if (unlikely(epoch != w->epoch || sp - w->stack.lo >= w->stack.hi - w->stack.lo ||
                 w->stacks_known != __atomic_load_n(&bounds_generation, __ATOMIC_ACQUIRE)))
        count = start_anew(w, sp, epoch);
    w->here = w->stack;
    return count;
}

/* Nothing but the caller's own frame: too early, no memory for rules, or a stack without bounds. */
static COLD void stay(struct walk *w, const struct caller *who)
{
    loss(rules_table ? LOSS_NO_BOUNDS : LOSS_EARLY);
    w->young[0] = (struct walk_step){.sp = who->sp, .pc = who->ra - 1, .bp = who->bp, .flags = FRAME_CUT};
    fold_append(w, 0, 1);
    w->last.sp = 0;
}

static void remember_last(struct walk *w, const struct caller *who, uint32_t depth)
{
    const struct walk_frame *f = w->frames + w->count - 1;
    bool whole = !(w->frames[0].flags & FRAME_CUT);
    w->last = (struct walk_last){.sp = whole ? who->sp : 0,
                                 .ra = who->ra,
                                 .bp = who->bp,
                                 .bp_counts = f->bp_counts ? ~(uintptr_t)0 : 0,
                                 .hold = &w->ra_hold[w->count - 1],
                                 .bp_holds = f->bp_holds,
                                 .epoch = w->epoch,
                                 .stacks_known = w->stacks_known,
                                 .depth = depth};
}

/* The walk step by step. `at` and the counts live in registers here; only the rarer turns go through memory
 * (struct progress). */
static NOINLINE void walk(struct walk *w, const struct caller *who, uint32_t depth)
{
    struct walk_step at = {.sp = who->sp, .pc = who->ra - 1, .bp = who->bp};
    const struct walk_frame *frames = w->frames;
    uint32_t young = 0, old = reusable(w, at.sp);
    enum way way = WAY_ON;
    if (unlikely(!rules_table || w->stack.hi == 0)) {
        stay(w, who);
        return;
    }
    for (;;) {
        while (old && frames[old - 1].sp < at.sp)
            old--;
        if (old && same_frame(frames + old - 1, &at)) {
            uint32_t top = old - 1, bottom = walk_still_holds(w, top);
            if (likely(bottom == 0 && !(frames->flags & FRAME_CUT) && young + old <= depth)) {
                way = WAY_END;
                break;
            }
            refresh(w, top, bottom, at.bp);
            if (bottom == 0 || (frames[bottom - 1].flags & FRAME_LOOSE)) {
                struct progress p = {.young = young};
                bool complete = meet(w, &p, top, bottom, depth);
                young = p.young;
                old = p.old;
                way = p.way;
                if (complete)
                    break;
                copy_step(&at, &w->odd);
                continue;
            }
            /* Down to bottom as before, but called by another: new frames all the same. */
            for (; top > bottom && young < depth; top--)
                frame_to_step(w->young + young++, frames + top);
            frame_to_step(&at, frames + bottom);
            old = bottom;
        }
        if (unlikely(young == depth)) {
            old = 0; /* way is WAY_ON: cut */
            break;
        }
        copy_step(w->young + young++, &at);
        way = step(w, &at, &w->young[young - 1].flags);
        if (unlikely(way != WAY_ON)) {
            old = 0;
            break;
        }
        if (unlikely(at.flags & FRAME_EXACT))
            old = 0;
    }
    if (unlikely(way == WAY_ON))
        loss(LOSS_DEPTH);
    if (unlikely(way != WAY_END && old == 0))
        w->young[young - 1].flags |= FRAME_CUT;
    fold_append(w, old, young);
    remember_last(w, who, depth);
}

void capture(struct walk *w, const struct caller *who, uint32_t depth)
{
    if (w->last.depth != depth || !capture_unchanged(w, *who))
        walk(w, who, depth);
}

uint32_t capture_raw(struct walk *w, const struct caller *who, uintptr_t *pcs, uint32_t room)
{
    struct walk_step at = {.sp = who->sp, .pc = who->ra - 1, .bp = who->bp};
    uint32_t n = 0;
    if (room == 0)
        return 0;
    if (reusable(w, who->sp) == 0)
        walk_forget(w);
    pcs[n++] = at.pc;
    if (!rules_table || w->stack.hi == 0)
        return n;
    uint8_t flags = 0; /* of no interest here */
    while (n < room && step(w, &at, &flags) == WAY_ON)
        pcs[n++] = at.pc;
    return n;
}

const char *capture_init(void)
{
    bounds_of((uintptr_t)__builtin_frame_address(0)); /* the main stack's: asked now, not in a sandbox */
    return learn_init();
}

void capture_forked(void)
{
    learn_forked();
    bounds_forked();
}
