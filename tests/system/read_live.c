/* Reads the ledger of a running program again and again:   read_live LEDGER TIMES
 *
 * At every reading no site may have freed more than it allocated, what is live must be the difference, and no
 * count may be lower than at the reading before. Where a delta is in flight (its thread was suspended in the
 * middle of a publishing), that site is left out, and counted.
 */
#include "ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct sums *before;
static uint64_t known, left_out, moved;

static void wrong(uint32_t site, const char *what, const struct sums *s)
{
    printf("site %u: %s: allocations %" PRIu64 ", frees %" PRIu64 ", bytes %" PRIu64 ", freed %" PRIu64
           ", live %" PRIu64 " in %" PRIu64 "\n",
           site, what, s->allocations, s->frees, s->allocated_bytes, s->freed_bytes, s->live_bytes,
           s->live_blocks);
    exit(1);
}

static void check(uint32_t site, const struct sums *s)
{
    if (s->frees > s->allocations || s->freed_bytes > s->allocated_bytes)
        wrong(site, "freed more than allocated", s);
    if (s->live_blocks != s->allocations - s->frees || s->live_bytes != s->allocated_bytes - s->freed_bytes)
        wrong(site, "live is not the difference", s);
    if (site >= known || before[site].in_flight)
        return;
    const struct sums *b = &before[site];
    if (s->allocations < b->allocations || s->frees < b->frees || s->allocated_bytes < b->allocated_bytes ||
        s->freed_bytes < b->freed_bytes)
        wrong(site, "goes back", s);
    moved += s->allocations > b->allocations;
}

static void read_once(const char *path)
{
    struct ledger l;
    char why[256];
    if (ledger_open(&l, path, why, sizeof why) != 0) {
        puts(why);
        exit(1);
    }
    uint64_t sites = l.used[AREA_SITES];
    struct sums *sums = calloc(sites, sizeof *sums);
    if (!sums)
        exit(1);
    ledger_all_sums(&l, sums);
    for (uint32_t site = 0; site < sites; site++) {
        if (sums[site].in_flight)
            left_out++;
        else
            check(site, &sums[site]);
    }
    free(before);
    before = sums;
    known = sites;
    ledger_close(&l);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    for (int i = 0; i < atoi(argv[2]); i++)
        read_once(argv[1]);
    printf("%s readings, %" PRIu64 " sites, %" PRIu64 " had moved, %" PRIu64 " left out\n", argv[2], known,
           moved, left_out);
    return moved == 0;
}
