/* See sampler.h.
 *
 * Ticks start at 10 ms and stretch with the age of the run (age / 512) up to LEAKWATCH_INTERVAL: the rule
 * that judges wants at least 256 samples over any life, and a day-old server needs no more than that.
 * A site is sampled once a tick by whoever wins the compare-and-swap on its time of last sample.
 */
#include "sampler.h"

#include <sys/resource.h>

#include "../ledger/verdict.h"
#include "account.h"
#include "clock.h"
#include "life.h"
#include "live.h"
#include "modules.h"
#include "options.h"
#include "regions.h"
#include "sites.h"
#include "sys.h"

#define TICK_FIRST_MS 10
#define TICKS_A_LIFE  512
#define LOOKS_A_TICK  8
#define FLAGS_FROM_MS 1000 /* what starts up grows: nothing is called a leak in the first second */
#define STRIDE_MOST   256  /* a clock read costs 3 ns; more would blind a thread that turns slow */

static uint64_t tick_ms(uint64_t age_ms)
{
    uint64_t tick = age_ms / TICKS_A_LIFE;
    if (tick < TICK_FIRST_MS)
        tick = TICK_FIRST_MS;
    return tick < options.interval_ms ? tick : options.interval_ms;
}

/* A site earns a history when it holds a sixteenth of what could ever be flagged: what it was before
 * that is too small to matter. */
static uint64_t earning_bytes(void)
{
    return options.min_bytes / 16 < 256 ? 256 : options.min_bytes / 16;
}

/* Octave and eighth of octave of the process's age: 1..254, so that an entry is never empty. */
static uint32_t birth_code(uint64_t age_ms)
{
    uint64_t x = age_ms + 8;
    uint32_t octave = 63 - (uint32_t)__builtin_clzll(x);
    uint32_t code = octave * 8 + (uint32_t)(x >> (octave - 3)) % 8 - 3 * 8 + 1;
    return code < LIVE_BIRTH_ASIDE ? code : LIVE_BIRTH_ASIDE - 1;
}

static bool frozen(void)
{
    return __atomic_load_n(&book.head->exit_began_ms, __ATOMIC_RELAXED) != 0;
}

static struct history *open_history(struct site *s, uint32_t site, struct standing now, uint64_t now_ms)
{
    uint64_t first_ms = (uint64_t)s->first_cs * 10;
    uint32_t id = book_add(AREA_HISTORIES, 1), none = 0;
    if (!id) {
        loss(LOSS_HISTORY_FULL);
        return NULL;
    }
    bool warm = first_ms < options.warmup_ms;
    if (warm)
        first_ms = options.warmup_ms < now_ms ? options.warmup_ms : now_ms;
    struct history fresh, *h = book_history(id);
    history_enter(h, &fresh);
    history_init(&fresh, site, first_ms, TICK_FIRST_MS, warm ? (double)now.live_bytes : 0);
    fresh.sample_bytes = options.sample_bytes < UINT32_MAX ? (uint32_t)options.sample_bytes : UINT32_MAX;
    history_leave(h, &fresh);
    if (!__atomic_compare_exchange_n(&s->history, &none, id, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return book_history(none);
    return h;
}

/* The total's maximum is remembered with every site's value at that moment: each site keeps the value
 * it had before it changed for the first time after that maximum. */
static void keep_peak(struct history *h)
{
    uint32_t epoch = __atomic_load_n(&book.head->peak_epoch, __ATOMIC_RELAXED);
    if (h->peak_epoch != epoch) {
        h->at_peak = h->last_live > 0 ? (uint64_t)h->last_live : 0;
        h->peak_epoch = epoch;
    }
}

static void flag(struct history *h, uint32_t site, struct standing now)
{
    h->told = 1;
    __atomic_fetch_add(&book.head->flagged, 1, __ATOMIC_RELAXED);
    if (options.announce)
        life_announce(site, now.live_bytes);
}

/* Winning a tick is not enough: who won the tick before may have been preempted inside, and at exit nobody
 * asks who won. The later one goes without. All signals are off here, so only the end of the process keeps
 * anybody from coming out. */
static void add_sample(struct history *history, uint32_t site, struct standing now, uint64_t now_ms)
{
    struct history h;
    if (!history_enter(history, &h))
        return;
    keep_peak(&h);
    if (now_ms >= h.last_ms) {
        double live = (double)now.live_bytes;
        if (history_add(&h, now_ms, live, live, live, (double)now.allocated_bytes))
            judge_step(&h);
    }
    if (h.growing && !h.told && now_ms >= FLAGS_FROM_MS && now.live_bytes >= options.min_bytes)
        flag(&h, site, now);
    history_leave(history, &h);
}

/* Due, and nobody else is at it? (sampled_cs counts hundredths of a second.) */
static bool win(struct site *s, uint64_t now_ms)
{
    uint32_t last = __atomic_load_n(&s->sampled_cs, __ATOMIC_RELAXED), now = (uint32_t)(now_ms / 10);
    return now > last &&
           __atomic_compare_exchange_n(&s->sampled_cs, &last, now, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static bool due(const struct site *s, uint64_t now_ms)
{
    uint64_t last_ms = (uint64_t)__atomic_load_n(&s->sampled_cs, __ATOMIC_RELAXED) * 10;
    return now_ms >= last_ms + tick_ms(now_ms) * 3 / 4; /* ticks of several threads drift apart */
}

static void sample(uint32_t site, uint64_t now_ms)
{
    struct site *s = book_site(site);
    if (site == 0 || sites_is_excluded(site) || now_ms < options.warmup_ms || !due(s, now_ms))
        return;
    struct standing now = account_read(site);
    uint32_t id = __atomic_load_n(&s->history, __ATOMIC_ACQUIRE);
    if ((!id && now.live_bytes < earning_bytes()) || !win(s, now_ms))
        return;
    struct history *h = id ? book_history(id) : open_history(s, site, now, now_ms);
    if (h)
        add_sample(h, site, now, now_ms);
}

static void note_peak(uint64_t now_ms)
{
    struct ledger_header *head = book.head;
    int64_t live = __atomic_load_n(&head->live_bytes, __ATOMIC_RELAXED);
    int64_t peak = __atomic_load_n(&head->peak_live_bytes, __ATOMIC_RELAXED);
    if (live <= peak)
        return;
    if (__atomic_compare_exchange_n(&head->peak_live_bytes, &peak, live, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED)) {
        __atomic_store_n(&head->peak_ms, now_ms, __ATOMIC_RELAXED);
        __atomic_fetch_add(&head->peak_epoch, 1, __ATOMIC_RELAXED);
    }
}

static void note_resident(void)
{
    struct rusage usage;
    if (!sandboxed && SYS2(SYS_getrusage, RUSAGE_SELF, &usage) == 0)
        __atomic_store_n(&book.head->peak_rss_bytes, (uint64_t)usage.ru_maxrss * 1024, __ATOMIC_RELAXED);
}

static void publish(struct thread *t, uint64_t now_ms)
{
    for (uint32_t i = 0; i < BLOCK_COUNTERS; i++) {
        struct counter *c = &t->block->counters[i];
        if ((c->allocs | c->frees) == 0)
            continue;
        account_publish(c);
        if (!frozen())
            sample(c->site, now_ms);
    }
    account_publish_totals(t);
}

/* On the thread's scratch stack, all signals off. */
static void tick(void *argument)
{
    struct thread *t = argument;
    uint64_t now_ms = clock_age_ms();
    publish(t, now_ms);
    note_peak(now_ms);
    note_resident();
    modules_check();
    regions_settle();
    __atomic_store_n(&book.head->updated_ms, now_ms, __ATOMIC_RELAXED);
    t->birth = birth_code(now_ms) << LIVE_SITE_BITS;
    t->due_ms = now_ms + tick_ms(now_ms);
    life_tick(now_ms);
}

void sampler_tick(struct thread *t)
{
    if (!thread_on_scratch(t, tick, t)) { /* at least, not at once again */
        uint64_t now_ms = clock_age_ms();
        t->due_ms = now_ms + tick_ms(now_ms);
    }
}

COLD void sampler_poll(struct thread *t)
{
    uint64_t now_ms = clock_age_ms(), look = tick_ms(now_ms) / LOOKS_A_TICK;
    uint64_t passed = now_ms - t->looked_ms;
    if (passed < look)
        t->stride = t->stride < STRIDE_MOST / 2 ? t->stride * 2 : STRIDE_MOST;
    else if (passed > 2 * look)
        t->stride = t->stride > 4 ? t->stride / 4 : 1;
    t->countdown = (int32_t)t->stride;
    t->looked_ms = now_ms;
    if (now_ms >= t->due_ms)
        sampler_tick(t);
}

struct leaving {
    uint32_t site;
    uint64_t now_ms;
};

static void sample_leaving(void *argument)
{
    const struct leaving *l = argument;
    sample(l->site, l->now_ms);
}

void sampler_leaving(uint32_t site)
{
    struct thread *t = self;
    struct site *s = book_site(site);
    /* The thread's last look at the clock is young enough, and costs nothing. */
    struct leaving l = {.site = site, .now_ms = t->looked_ms};
    if (t == &thread_nobody || frozen() || sites_is_excluded(site) || l.now_ms < options.warmup_ms ||
        !due(s, l.now_ms))
        return;
    /* The account alone, without other threads' counters, is near enough here, and costs no stack. */
    uint64_t allocated = __atomic_load_n(&s->allocated_bytes, __ATOMIC_RELAXED);
    uint64_t freed = __atomic_load_n(&s->freed_bytes, __ATOMIC_RELAXED);
    if (!__atomic_load_n(&s->history, __ATOMIC_RELAXED) && allocated < freed + earning_bytes()) {
        win(s, l.now_ms); /* too small: not asked again before the next tick */
        return;
    }
    thread_on_scratch(t, sample_leaving, &l);
}

void sampler_touched(uint32_t site)
{
    if (!frozen())
        sample(site, clock_age_ms());
}

struct last {
    struct thread *thread;
    uint32_t growing;
};

/* Other threads may still feed it. */
static bool grows_at_the_end(const struct history *h, uint64_t now_ms)
{
    struct history copy;
    (void)history_read(h, &copy); /* of a writer that never leaves, it is taken as it is */
    struct judgement j = judge(&copy, true);
    return now_ms >= FLAGS_FROM_MS && j.verdict == VERDICT_GROWING &&
           j.floor_now >= (double)options.min_bytes;
}

static void sample_all(void *argument)
{
    struct last *last = argument;
    uint64_t now_ms = clock_age_ms();
    publish(last->thread, now_ms);
    note_peak(now_ms);
    note_resident();
    uint64_t sites = __atomic_load_n(&book.head->area[AREA_SITES].used, __ATOMIC_ACQUIRE);
    for (uint32_t site = 1; site < sites && site <= LIVE_SITE_MASK; site++) {
        struct site *s = book_site(site);
        uint32_t id = __atomic_load_n(&s->history, __ATOMIC_ACQUIRE);
        if (!id)
            continue;
        struct history *h = book_history(id);
        add_sample(h, site, account_read(site), now_ms);
        last->growing += grows_at_the_end(h, now_ms);
    }
    __atomic_store_n(&book.head->updated_ms, now_ms, __ATOMIC_RELAXED);
    __atomic_store_n(&book.head->exit_began_ms, now_ms + 1, __ATOMIC_RELEASE);
}

uint32_t sampler_last(struct thread *t)
{
    struct last last = {.thread = t};
    thread_on_scratch(t, sample_all, &last);
    return last.growing;
}
