/* See frames.h. */
#include "frames.h"

#include <stdio.h>
#include <stdlib.h>

struct numbered {
    const struct symbol *symbol;
    uint32_t number;
    UT_hash_handle hh;
};

uint32_t frames_number(struct frames *f, const struct symbol *symbol)
{
    struct numbered *numbered;
    HASH_FIND_PTR(f->all, &symbol, numbered);
    if (numbered)
        return numbered->number;
    numbered = malloc(sizeof *numbered);
    if (!numbered)
        uthash_fatal("no memory");
    *numbered = (struct numbered){.symbol = symbol, .number = frames_count(f)};
    HASH_ADD_PTR(f->all, symbol, numbered);
    return numbered->number;
}

uint32_t frames_count(const struct frames *f)
{
    return HASH_COUNT(f->all);
}

void frames_free(struct frames *f)
{
    struct numbered *numbered, *next;
    HASH_ITER(hh, f->all, numbered, next)
    {
        HASH_DEL(f->all, numbered);
        free(numbered);
    }
}
