/* What the reader's own files share. */
#ifndef LEAKWATCH_LEDGER_ITEM_H
#define LEAKWATCH_LEDGER_ITEM_H

#include "ledger.h"

/* What a writer may be changing at this moment. */
#define LOAD(field)         __atomic_load_n(&(field), __ATOMIC_RELAXED)
#define LOAD_ACQUIRE(field) __atomic_load_n(&(field), __ATOMIC_ACQUIRE)

/* The id-th item of an area, or NULL: there is none. */
const void *ledger_item(const struct ledger *l, enum ledger_area a, uint32_t id);

#endif
