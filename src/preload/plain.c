/* Plain (plain.h). Reads the book as a reader of the file would, while other threads still count. */
#include "plain.h"

#include "account.h"
#include "book.h"
#include "options.h"
#include "sys.h"
#include "text.h"

#include "../ledger/verdict.h"

#define WORST     32    /* most sites shown, whatever LEAKWATCH_TOP: this is the poor man's report */
#define FRAMES    256   /* most frames of a stack: also ends a cycle in damaged memory */
#define BUFFER    16384 /* one write for all but the longest reports */
#define NAME_MOST 300   /* of a module's path */

struct grown {
    uint32_t site;
    uint64_t then; /* bytes at the start of its history */
    double bytes_per_s;
};

struct worst {
    struct grown sites[WORST]; /* worst first */
    unsigned count, room;
    unsigned flagged; /* all that grow, shown or not */
};

struct scratch {
    struct worst worst;
    struct history history;
    char buffer[BUFFER];
};

/* Items of an area that exist, item 0 included; the counter may run ahead of the capacity. */
static uint64_t items(enum ledger_area area)
{
    const struct area *a = &book.head->area[area];
    uint64_t used = __atomic_load_n(&a->used, __ATOMIC_ACQUIRE);
    return used < a->capacity ? used : a->capacity;
}

/* ---- which sites grow ---- */

static void keep_worst(struct worst *w, const struct grown *g)
{
    w->flagged++;
    unsigned at = w->count < w->room ? w->count++ : w->room;
    for (; at > 0 && w->sites[at - 1].bytes_per_s < g->bytes_per_s; at--)
        if (at < w->room)
            w->sites[at] = w->sites[at - 1];
    if (at < w->room)
        w->sites[at] = *g;
}

static double peak_of(const struct history *h)
{
    double peak = h->open.high;
    for (uint32_t i = 0; i < h->count && i < HISTORY_WINDOWS; i++)
        if (h->closed[i].high > peak)
            peak = h->closed[i].high;
    return peak;
}

static void look_at(struct worst *w, const struct history *h)
{
    uint64_t sites = items(AREA_SITES);
    if (h->site == 0 || h->site >= sites || peak_of(h) < (double)options.min_bytes)
        return;
    struct judgement verdict = judge(h, true);
    if (verdict.verdict != VERDICT_GROWING)
        return;
    struct grown g = {.site = h->site,
                      .then = h->count ? (uint64_t)h->closed[0].low : 0,
                      .bytes_per_s = verdict.bytes_per_s};
    keep_worst(w, &g);
}

static void find_worst(struct scratch *s)
{
    uint64_t histories = items(AREA_HISTORIES);
    s->worst.room = options.top < WORST ? options.top : WORST;
    for (uint32_t id = 1; id < histories; id++)
        if (history_read(book_history(id), &s->history))
            look_at(&s->worst, &s->history);
}

/* ---- words ---- */

static void put_verdict(struct text *t, unsigned flagged)
{
    uint64_t sites = items(AREA_SITES);
    char pid[TEXT_DECIMAL];
    text_put(t, flagged ? "leakwatch: " : "leakwatch: no site grows; call sites seen: ");
    if (flagged) {
        text_put_number(t, flagged);
        text_put(t, " of ");
    }
    text_put_number(t, sites > 0 ? sites - 1 : 0);
    if (flagged)
        text_put(t, flagged == 1 ? " call sites grows without bound" : " call sites grow without bound");
    text_put(t, "  (pid ");
    text_put(t, text_decimal(pid, book.head->pid));
    text_put(t, ")\n");
}

static void put_frame(struct text *t, const struct node *node)
{
    uint64_t where = __atomic_load_n(&node->where, __ATOMIC_ACQUIRE);
    uint32_t module = (uint32_t)(where >> NODE_MODULE_SHIFT);
    text_put(t, "      ");
    if (module > 0 && module < items(AREA_MODULES)) {
        text_put_foreign(t, (const char *)book.area[AREA_TEXT] + book_module(module)->path, NAME_MOST);
        text_put(t, "+");
    }
    text_put_hex(t, where & NODE_OFFSET_MASK);
    text_put(t, where & NODE_REPEATS ? "  (repeats)\n" : where & NODE_CUT ? "  (stack cut here)\n" : "\n");
}

static void put_stack(struct text *t, uint32_t id)
{
    uint64_t nodes = items(AREA_NODES);
    for (unsigned i = 0; id > 0 && id < nodes && i < FRAMES; i++) {
        put_frame(t, book_node(id));
        id = book_node(id)->parent;
    }
}

static void put_site(struct text *t, unsigned rank, const struct grown *g)
{
    struct standing now = account_read(g->site);
    text_put(t, "\n  #");
    text_put_number(t, rank);
    text_put(t, "  GROWING  +");
    text_put_size(t, g->bytes_per_s > 0 ? (uint64_t)g->bytes_per_s : 0);
    text_put(t, "/s   ");
    text_put_size(t, g->then);
    text_put(t, " -> ");
    text_put_size(t, now.live_bytes);
    text_put(t, "   ");
    text_put_number(t, now.live_blocks);
    text_put(t, " blocks live\n");
    put_stack(t, book_site(g->site)->node);
}

bool plain_report(int fd, const char *reason)
{
    char small[64];
    struct scratch *s = sys_memory(sizeof *s);
    struct text t = s ? text_to(fd, s->buffer, sizeof s->buffer) : text_to(fd, small, sizeof small);
    if (s) {
        find_worst(s);
        put_verdict(&t, s->worst.flagged);
        for (unsigned i = 0; i < s->worst.count; i++)
            put_site(&t, i + 1, &s->worst.sites[i]);
        text_put(&t, s->worst.count ? "\n" : "");
    }
    text_put(&t, "leakwatch: ");
    text_put_foreign(&t, reason, 2000);
    text_put(&t, "\n");
    text_flush(&t);
    if (s)
        SYS2(SYS_munmap, s, sizeof *s);
    return !t.failed;
}
