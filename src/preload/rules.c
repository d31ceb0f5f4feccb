/* See rules.h. The table's slow side: the other ways of a set, insertion, wiping. */
#include "rules.h"

#include "memory.h"

#define RULES_ENTRIES ((size_t)RULES_WAYS << RULES_SET_BITS)

uint64_t *rules_table;

bool rules_init(void)
{
    if (!rules_table)
        rules_table = memory_map(RULES_ENTRIES * sizeof *rules_table, false);
    return rules_table != NULL;
}

uint32_t rules_search(const uint64_t *set, uint64_t want)
{
    for (uint32_t way = 0; way < RULES_WAYS; way++) {
        uint64_t difference = __atomic_load_n(set + way, __ATOMIC_RELAXED) ^ want;
        if (difference >> RULES_BODY_BITS == 0)
            return (uint32_t)difference; /* 0 for an empty entry, if that is what looks alike */
    }
    return 0;
}

/* Empty, or of another epoch. The body of an entry in use is never 0. */
static bool unused(uint64_t entry, uint64_t want)
{
    uint64_t epochs = (UINT64_C(1) << RULES_EPOCH_BITS) - 1;
    return entry == 0 || ((entry ^ want) >> RULES_BODY_BITS & epochs) != 0;
}

/* The pc's own way if it has one, else the way looked at first if that is free, else any free one, else the
 * ways in turn: every rule costs the same to learn again, and a set that is full stays fair without any
 * bookkeeping on lookups. */
static uint32_t way_for(const uint64_t *set, uint64_t want, uint32_t first)
{
    static uint32_t turn;
    uint32_t free_way = RULES_WAYS;
    for (uint32_t i = 0; i < RULES_WAYS; i++) {
        uint32_t way = (first + i) % RULES_WAYS;
        uint64_t entry = __atomic_load_n(set + way, __ATOMIC_RELAXED);
        if (entry && (entry ^ want) >> RULES_BODY_BITS == 0)
            return way;
        if (free_way == RULES_WAYS && unused(entry, want))
            free_way = way;
    }
    return free_way < RULES_WAYS ? free_way : __atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED) % RULES_WAYS;
}

void rules_put(uintptr_t pc, uint32_t epoch, uint32_t rule)
{
    if (pc >> RULES_PC_BITS)
        return;
    struct rules_place at = rules_place(pc, epoch);
    uint32_t way = way_for(at.set, at.want, at.first);
    __atomic_store_n(at.set + way, at.want | rule, __ATOMIC_RELAXED);
}

void rules_wipe(void)
{
    if (!rules_table)
        return;
    for (size_t i = 0; i < RULES_ENTRIES; i++)
        __atomic_store_n(rules_table + i, 0, __ATOMIC_RELAXED);
}
