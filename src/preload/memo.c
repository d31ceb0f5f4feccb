/* See memo.h. */
#include "memo.h"

static bool add(struct memo_entry *e, uintptr_t at)
{
    uintptr_t words = (at - e->sp) / sizeof(uintptr_t); /* below sp: far too many */
    if (e->holds == MEMO_HOLDS || words > UINT16_MAX)
        return false;
    e->hold[e->holds++] = (uint16_t)words;
    return true;
}

/* The words that a frame was read from; false where these do not tell all, or are too many. */
static bool add_frame(struct memo_entry *e, const struct walk_frame *f)
{
    if ((f->flags & FRAME_LOOSE) || !add(e, f->sp - 8))
        return false;
    return !f->bp_counts || !f->bp_slot || add(e, f->sp - f->bp_slot * 8u);
}

/* From the caller's caller down to the frame that was met. */
static bool fill(struct memo_entry *e, const struct walk *w)
{
    uint32_t met = w->kept - 1;
    e->holds = 0;
    for (uint32_t i = w->count - 1; i-- > met;)
        if (!add_frame(e, &w->frames[i]))
            return false;
    const struct walk_frame *f = &w->frames[met];
    e->met = (uint16_t)met;
    e->met_sp = f->sp;
    e->met_bp = f->bp;
    e->met_hash = f->hash;
    return true;
}

static void set_tag(struct memo *m, uint32_t set, uint32_t way, uint8_t tag)
{
    m->tags[set] = (m->tags[set] & ~(UINT64_C(0xff) << 8 * way)) | (uint64_t)tag << 8 * way;
}

/* One that is empty, or else the next in turn. */
static uint32_t way_for_one(struct memo *m, uint32_t set)
{
    uint64_t empty = equal_bytes(m->tags[set], 0);
    return empty ? (uint32_t)__builtin_ctzll(empty) / 8 : m->turn++ % MEMO_WAYS;
}

void memo_note(struct memo *m, const struct walk *w, struct caller who, uint32_t site)
{
    if (w->kept == 0 || w->kept == w->count || (w->frames[0].flags & FRAME_CUT) || site == 0)
        return;
    struct memo_place at = memo_place(who);
    uint32_t way = way_for_one(m, at.set);
    struct memo_entry *e = &m->entries[at.set][way];
    set_tag(m, at.set, way, 0);
    e->sp = who.sp;
    if (!fill(e, w))
        return;
    e->sum = memo_sum(e);
    e->ra = who.ra;
    e->bp = who.bp;
    e->bp_counts = w->frames[w->count - 1].bp_counts;
    e->epoch = w->epoch;
    e->stacks_known = w->stacks_known;
    e->site = site;
    set_tag(m, at.set, way, at.tag);
}

void memo_forget(struct memo *m)
{
    __builtin_memset(m->tags, 0, sizeof m->tags);
}
