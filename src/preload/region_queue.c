/* Region queue (region_queue.h). */
#include "region_queue.h"

#include <stddef.h>

static struct region_slot *slot_at(struct region_queue *q, uint64_t position, uint64_t *turn)
{
    uint64_t index = position % REGION_QUEUE_SLOTS;
    *turn = position - index;
    return &q->slots[index];
}

bool region_queue_put(struct region_queue *q, const struct region_event *event)
{
    uint64_t position = __atomic_load_n(&q->tail, __ATOMIC_RELAXED);
    for (;;) {
        uint64_t mine;
        struct region_slot *slot = slot_at(q, position, &mine);
        uint64_t turn = __atomic_load_n(&slot->turn, __ATOMIC_ACQUIRE); /* region_queue_drop */
        if (turn == mine) {
            if (__atomic_compare_exchange_n(&q->tail, &position, position + 1, true, __ATOMIC_RELAXED,
                                            __ATOMIC_RELAXED)) {
                slot->event = *event;
                __atomic_store_n(&slot->turn, mine + 1, __ATOMIC_RELEASE); /* region_queue_first */
                return true;
            }
        } else if (turn < mine) {
            return false; /* still holds the event of one round ago */
        } else {
            position = __atomic_load_n(&q->tail, __ATOMIC_RELAXED);
        }
    }
}

const struct region_event *region_queue_first(struct region_queue *q)
{
    uint64_t turn;
    struct region_slot *slot = slot_at(q, __atomic_load_n(&q->head, __ATOMIC_RELAXED), &turn);
    bool written = __atomic_load_n(&slot->turn, __ATOMIC_ACQUIRE) == turn + 1; /* region_queue_put */
    return written ? &slot->event : NULL;
}

void region_queue_drop(struct region_queue *q)
{
    uint64_t turn, head = __atomic_load_n(&q->head, __ATOMIC_RELAXED);
    struct region_slot *slot = slot_at(q, head, &turn);
    __atomic_store_n(&q->head, head + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->turn, turn + REGION_QUEUE_SLOTS, __ATOMIC_RELEASE); /* region_queue_put */
}
