/* See callers.h. */
#include "callers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool same_function(const struct call *a, const struct call *b)
{
    const struct symbol *x = a->symbol, *y = b->symbol;
    if (x == y)
        return true;
    return strcmp(x->function, y->function) == 0 && x->line == y->line &&
           strcmp(x->file ? x->file : "", y->file ? y->file : "") == 0;
}

uint32_t callers_add(struct caller *callers, uint32_t count, const struct call *call, uint32_t site,
                     double bytes)
{
    uint32_t i = 0;
    while (i < count && !same_function(&callers[i].call, call))
        i++;
    if (i == count)
        callers[count++] = (struct caller){.call = *call, .site = site, .most = bytes};
    callers[i].bytes += bytes;
    if (bytes > callers[i].most) {
        callers[i].most = bytes;
        callers[i].site = site;
    }
    return count;
}

static int by_bytes(const void *a, const void *b)
{
    const struct caller *x = a, *y = b;
    if (x->bytes < y->bytes || x->bytes > y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return (x->site > y->site) - (x->site < y->site);
}

uint32_t callers_rank(struct caller *callers, uint32_t count, double all)
{
    qsort(callers, count, sizeof *callers, by_bytes);
    while (count && callers[count - 1].bytes <= 0)
        count--;
    for (uint32_t i = 0; i < count; i++)
        callers[i].share = all > callers[i].bytes ? callers[i].bytes / all : 1;
    return count;
}
