/* The book: the ledger as its writer sees it. Creates the file (or memory), grows it, adds items.
 *
 * Knows the ledger's layout and where the file lies; knows nothing of stacks, blocks or threads.
 * Before book_open, and after it failed for good, every function still works on an empty book: ids
 * are 0 and losses are dropped, so that no caller asks whether there is one.
 * All functions may be called from any thread and inside malloc; none blocks, allocates or sets errno.
 */
#ifndef LEAKWATCH_PRELOAD_BOOK_H
#define LEAKWATCH_PRELOAD_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../ledger/layout.h"

struct book {
    struct ledger_header *head; /* never NULL: a static, empty header before the first open */
    unsigned char *area[AREAS]; /* address of each area */
};
extern struct book book;

/* n new items of an area, zeroed, one after another: the id of the first, or 0 (counted as a loss by
 * the caller). The items belong to the caller until it publishes them. Lock-free. */
uint32_t book_add(enum ledger_area area, uint32_t n);

/* A copy of length bytes of text (a NUL is added): its offset, or 0 when there is no room. */
uint32_t book_text(const char *text, size_t length);

static inline struct module *book_module(uint32_t id)
{
    return (struct module *)book.area[AREA_MODULES] + id;
}
static inline struct node *book_node(uint32_t id)
{
    return (struct node *)book.area[AREA_NODES] + id;
}
static inline struct site *book_site(uint32_t id)
{
    return (struct site *)book.area[AREA_SITES] + id;
}
static inline struct history *book_history(uint32_t id)
{
    return (struct history *)book.area[AREA_HISTORIES] + id;
}
static inline struct block *book_block(uint32_t id)
{
    return (struct block *)book.area[AREA_BLOCKS] + id;
}
static inline uint32_t *book_owner(uint32_t id)
{
    return (uint32_t *)book.area[AREA_OWNERS] + id;
}

/* One more of what could not be recorded. */
static inline void loss(enum loss kind)
{
    __atomic_fetch_add(&book.head->losses[kind], 1, __ATOMIC_RELAXED);
}

static inline void loss_undo(enum loss kind)
{
    __atomic_fetch_sub(&book.head->losses[kind], 1, __ATOMIC_RELAXED);
}

#endif
