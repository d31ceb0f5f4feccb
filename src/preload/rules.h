/* Frame rules: how to get from a frame to its caller, learnt once for each program counter.
 *
 * A rule packs into 8 bytes, so that one relaxed load gives all of it or none of it: any thread may
 * read and write the table at any time without a lock. A lost or overwritten rule is only learnt again.
 *
 *      63                30 29    24 23   21 20            7 6        0
 *     +--------------------+--------+-------+---------------+----------+
 *     | tag (34)           | epoch  | kind  | c / 8 (14)    | slot (7) |
 *     +--------------------+--------+-------+---------------+----------+
 *
 * The pc (47 bits) is mixed by an odd multiplier, which can be undone: the upper 13 bits choose the
 * set, the other 34 are the tag, and both together are the pc. No two pcs are ever taken for each other.
 *
 * Worked example: `sub $0x28,%rsp; call malloc` in a function that pushed rbp, then rbx. At the call
 * the caller's frame begins 0x28 + 8 + 8 + 8 above rsp, and rbp was saved 16 bytes below that:
 * kind SP, c = 0x40, slot 2.
 */
#ifndef LEAKWATCH_PRELOAD_RULES_H
#define LEAKWATCH_PRELOAD_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "hints.h"

enum rule_kind {
    RULE_UNKNOWN, /* not in the table */
    RULE_SP,      /* CFA = SP + c; BP was saved at CFA - 8 * slot, or is unchanged (slot 0) */
    RULE_BP,      /* CFA = BP + c; likewise */
    RULE_REALIGN, /* CFA = *(BP - c); BP was saved at BP - 8 * slot, where slot 0 is a slot as well */
    RULE_SIGNAL,  /* the kernel's signal frame: registers in the ucontext at SP */
    RULE_END,     /* no caller: _start, clone, __start_context */
    RULE_OPAQUE,  /* no unwind table covers it, or one too odd for the fields: by frame pointer */
};

/* RULE_SIGNAL: where the registers lie, in bytes above SP (struct ucontext of the x86-64 kernel). */
#define RULE_SIGNAL_BP 120
#define RULE_SIGNAL_SP 160
#define RULE_SIGNAL_PC 168

#define RULE_C_MAX    ((1u << 14) - 1) /* in words: frames up to 128 KiB */
#define RULE_SLOT_MAX ((1u << 7) - 1)

#define RULES_WAYS       8  /* one cache line a set */
#define RULES_SET_BITS   13 /* 65,536 rules, 512 KiB: cc1plus has 40,000 return addresses */
#define RULES_PC_BITS    47
#define RULES_TAG_BITS   (RULES_PC_BITS - RULES_SET_BITS)
#define RULES_EPOCH_BITS 6
#define RULES_BODY_BITS  24
#define RULES_BODY       ((1u << RULES_BODY_BITS) - 1)
#define RULES_MIX        UINT64_C(0x52d3a9c6b7e15f2d) /* odd; 2^47 / golden ratio would do as well */

/* The part of an entry that says what to do (the low 24 bits). Its kind is never RULE_UNKNOWN, so
 * that 0 can stand for "not known". */
static inline uint32_t rule_pack(enum rule_kind kind, uint32_t c_words, uint32_t slot)
{
    return (uint32_t)kind << 21 | c_words << 7 | slot;
}
static inline enum rule_kind rule_kind(uint32_t rule)
{
    return (enum rule_kind)(rule >> 21 & 7);
}
/* c, in bytes */
static inline uintptr_t rule_c(uint32_t rule)
{
    return (rule >> 7 & RULE_C_MAX) * 8;
}
static inline uint32_t rule_slot(uint32_t rule)
{
    return rule & RULE_SLOT_MAX;
}

/* NULL until rules_init, and for ever when there is no memory: check rules_init's result once. */
extern __attribute__((visibility("hidden"))) uint64_t *rules_table;

/* Where a pc belongs. */
struct rules_place {
    uint64_t *set;
    uint64_t want;  /* an entry of this pc and epoch, less its low 24 bits */
    uint32_t first; /* way to look at first: in a table that is not full, that is where it is */
};

static inline struct rules_place rules_place(uintptr_t pc, uint32_t epoch)
{
    uint64_t key = pc * RULES_MIX & ((UINT64_C(1) << RULES_PC_BITS) - 1);
    uint64_t tag = key & ((UINT64_C(1) << RULES_TAG_BITS) - 1);
    return (struct rules_place){
        .set = rules_table + (key >> RULES_TAG_BITS) * RULES_WAYS,
        .want = tag << (64 - RULES_TAG_BITS) | (uint64_t)(epoch & ((1u << RULES_EPOCH_BITS) - 1))
                                                   << RULES_BODY_BITS,
        .first = (uint32_t)(tag >> (RULES_TAG_BITS - 3)),
    };
}

/* The other ways of the set. */
uint32_t rules_search(const uint64_t *set, uint64_t want);

/* The rule for pc in this epoch, or 0. Needs the table. pcs beyond 47 bits have no rule. */
static inline uint32_t rules_find(uintptr_t pc, uint32_t epoch)
{
    if (unlikely(pc >> RULES_PC_BITS))
        return rule_pack(RULE_OPAQUE, 0, 0);
    struct rules_place at = rules_place(pc, epoch);
    uint64_t entry = __atomic_load_n(at.set + at.first, __ATOMIC_RELAXED);
    if (likely((entry ^ at.want) >> RULES_BODY_BITS == 0))
        return entry & RULES_BODY;
    return rules_search(at.set, at.want);
}

/* Maps the table, once. False: there is no memory for it. */
bool rules_init(void);

/* Remembers a rule. Any thread. */
void rules_put(uintptr_t pc, uint32_t epoch, uint32_t rule);

/* Forgets everything. Needed whenever the 6 bits of the epoch come round, before the new epoch is
 * published; in between an old epoch simply no longer matches. */
void rules_wipe(void);

#endif
