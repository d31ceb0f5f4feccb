/* Regions against a naive model, one entry a page: a million random calls. SEED=n repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "random.h"
#include "charges.h"
#include "regions.h"

#define PAGES 512u

struct page {
    uint32_t mapping; /* 0 = not known */
    uint32_t block;   /* 0 = not charged */
    uint32_t site;
};
static struct page space[PAGES + 1]; /* the last one stays unknown */
static uint32_t last_mapping, last_block;

static void model_forget(unsigned from, unsigned to)
{
    memset(&space[from], 0, (to - from) * sizeof space[0]);
}

static bool joins(unsigned page, unsigned neighbour, uint32_t site)
{
    return space[neighbour].mapping == space[page].mapping && space[neighbour].block &&
           space[neighbour].site == site;
}

/* Charges the pages from..to, one run of one mapping, to site. */
static void model_charge(unsigned from, unsigned to, uint32_t site)
{
    uint32_t block;
    if (from > 0 && joins(from, from - 1, site))
        block = space[from - 1].block;
    else if (joins(to - 1, to, site))
        block = space[to].block;
    else
        block = ++last_block;
    for (unsigned p = from; p < to; p++) {
        space[p].block = block;
        space[p].site = site;
    }
}

static unsigned run_end(unsigned from, unsigned to)
{
    unsigned end = from + 1;
    while (end < to && space[end].mapping == space[from].mapping && space[end].block == space[from].block)
        end++;
    return end;
}

static void model_map(unsigned from, unsigned to, uint32_t site, bool writable)
{
    model_forget(from, to);
    last_mapping++;
    for (unsigned p = from; p < to; p++)
        space[p].mapping = last_mapping;
    if (writable)
        model_charge(from, to, site);
}

static void model_protect(unsigned from, unsigned to, uint32_t site, bool writable)
{
    for (unsigned p = from; p < to;) {
        unsigned end = run_end(p, to);
        if (writable && space[p].mapping && !space[p].block)
            model_charge(p, end, site);
        for (unsigned q = p; !writable && q < end; q++)
            space[q].block = 0;
        p = end;
    }
}

static void model_duplicate(const struct page *lifted, unsigned n, unsigned to, uint32_t site)
{
    last_mapping++;
    for (unsigned i = 0; i < n; i++)
        space[to + i].mapping = lifted[i].mapping ? last_mapping : 0;
    for (unsigned i = 0; i < n;) {
        unsigned end = i + 1;
        while (end < n && lifted[i].block && lifted[end].block)
            end++;
        if (lifted[i].block)
            model_charge(to + i, to + end, site);
        i = end;
    }
}

static void model_land(const struct page *lifted, unsigned n, unsigned to, unsigned m, uint32_t site)
{
    unsigned kept = n < m ? n : m;
    model_forget(to, to + m);
    memcpy(&space[to], lifted, kept * sizeof *lifted);
    if (m > n && kept > 0 && lifted[kept - 1].mapping) {
        for (unsigned p = to + kept; p < to + m; p++)
            space[p].mapping = lifted[kept - 1].mapping;
        if (lifted[kept - 1].block)
            model_charge(to + kept, to + m, site);
    }
}

static void compare(uint64_t step, const struct page *lifted, unsigned n)
{
    static uint8_t *seen;
    static uint32_t seen_room;
    struct total expected[SITES] = {{0, 0}};
    if (last_block >= seen_room) {
        seen = realloc(seen, 2 * last_block + 1024);
        seen_room = 2 * last_block + 1024;
        memset(seen, 0, seen_room);
    }
    for (unsigned round = 0; round < 2; round++) /* mark and count, then unmark */
        for (unsigned p = 0; p < PAGES + n; p++) {
            const struct page *page = p < PAGES ? &space[p] : &lifted[p - PAGES];
            if (!page->block)
                continue;
            expected[page->site].bytes += round == 0 ? (int64_t)PAGE : 0;
            expected[page->site].blocks += round == 0 && !seen[page->block];
            seen[page->block] = round == 0;
        }
    for (unsigned s = 0; s < SITES; s++)
        if (expected[s].bytes != charged[s].bytes || expected[s].blocks != charged[s].blocks)
            fail_msg("step %llu site %u: expected %lld bytes %lld blocks, charged %lld and %lld",
                     (unsigned long long)step, s, (long long)expected[s].bytes, (long long)expected[s].blocks,
                     (long long)charged[s].bytes, (long long)charged[s].blocks);
}

/* ---- a million random calls ---- */

static uintptr_t address(unsigned page)
{
    return BASE + page * PAGE;
}

static void random_simple(unsigned kind)
{
    unsigned from = below(PAGES), most = PAGES - from < 40 ? PAGES - from : 40, to = from + 1 + below(most);
    uint32_t site = below(SITES);
    bool writable = below(2);
    uint64_t length = (to - from) * PAGE - below(2) * below(4095); /* the kernel rounds up, and so do we */
    if (kind == 0) {
        regions_map(address(from), length, site, writable);
        model_map(from, to, site, writable);
    } else if (kind == 1) {
        regions_unmap(address(from), length);
        model_forget(from, to);
    } else {
        regions_protect(address(from), length, site, writable);
        model_protect(from, to, site, writable);
    }
}

static void random_move(uint64_t step)
{
    struct page lifted[40];
    unsigned from = below(PAGES - 40), n = 1 + below(40), m = below(4) ? 1 + below(40) : n;
    unsigned to = below(3) ? below(PAGES - 40) : from;
    uint32_t site = below(SITES);
    bool keep = m == n && (to + n <= from || from + n <= to) && below(2);

    uintptr_t token = regions_lift(address(from), n * PAGE);
    memcpy(lifted, &space[from], n * sizeof lifted[0]);
    model_forget(from, from + n);
    if (!keep && below(3) == 0) /* another thread was quicker: its mapping lies where the old one was */
        random_simple(0);
    compare(step, lifted, n);
    regions_land(token, n * PAGE, address(to), m * PAGE, site, keep);
    if (keep) {
        model_forget(to, to + n);
        model_duplicate(lifted, n, to, site);
        memcpy(&space[from], lifted, n * sizeof lifted[0]);
    } else {
        model_land(lifted, n, to, m, site);
    }
}

static void a_million_random_calls_match_the_model(void **unused)
{
    (void)unused;
    random_start();
    for (uint64_t step = 0; step < 1000000; step++) {
        unsigned kind = below(8);
        if (kind == 7)
            random_move(step);
        else
            random_simple(kind < 2 ? 0 : kind < 4 ? 1 : 2);
        if (step % 8 == 0 || step < 10000)
            compare(step, NULL, 0);
    }
    regions_unmap(BASE, PAGES * PAGE);
    assert_int_equal(all_bytes(), 0);
    assert_int_equal(all_blocks(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_million_random_calls_match_the_model)};
    regions_init(charge);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
