/* See text.h. What could not be seen, and how to go on. */
#include <string.h>

#include "format.h"
#include "loss.h"
#include "notes.h"
#include "text.h"

/* Locale archives and the like are not worth a word. */
#define SHARED_BYTES (UINT64_C(1) << 20)

/* ---- not seen ---- */

/* Text that follows a count: the depth is worth naming. */
static void print_loss(const struct text *t, const struct report *r, enum loss kind, uint64_t count)
{
    fputs("; ", t->out);
    if (kind == LOSS_DEPTH)
        fprintf(t->out, "%s stacks cut at %u frames", format_count(count).text, r->head.depth);
    else if (loss_text(kind))
        fprintf(t->out, "%s %s", format_count(count).text, loss_text(kind));
    else
        fprintf(t->out, "%s losses of kind %d, unknown to this version", format_count(count).text, (int)kind);
}

/* Losses that leave an event out of every sum; the others only cost a name or a moment. */
static uint64_t lost_events(const struct report *r)
{
    static const enum loss kinds[] = {LOSS_NESTED,     LOSS_BLOCK_FULL, LOSS_LIVE_MEMORY,
                                      LOSS_LIVE_RANGE, LOSS_MMAP_QUEUE, LOSS_MMAP_FULL};
    uint64_t sum = r->findings.totals.in_flight;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        sum += r->head.losses[kinds[i]];
    return sum;
}

static void print_unnamed(const struct text *t, const struct report *r)
{
    struct unnamed module;
    uint32_t id = 0;
    while (symbols_unnamed(r->symbols, &id, &module)) {
        const char *slash = strrchr(module.path, '/');
        fputs("; ", t->out);
        format_text(t->out, slash ? slash + 1 : module.path);
        fprintf(t->out, " %s", module.why);
        if (module.build_id[0])
            fprintf(t->out, " (build-id %.8s...)", module.build_id);
    }
}

void text_not_seen(const struct text *t, struct report *r)
{
    uint64_t lost = lost_events(r);
    fprintf(t->out, "Not seen: %s lost event%s", format_count(lost).text, lost == 1 ? "" : "s");
    for (int kind = 0; kind < LOSS_RANGE; kind++)
        if (r->head.losses[kind])
            print_loss(t, r, (enum loss)kind, r->head.losses[kind]);
    if (r->findings.totals.in_flight)
        fprintf(t->out, "; %s counts in flight when it was killed",
                format_count(r->findings.totals.in_flight).text);
    if (r->memory.shared_bytes >= SHARED_BYTES)
        fprintf(t->out, "; %s in shared mappings, which no site has",
                format_bytes((double)r->memory.shared_bytes).text);
    print_unnamed(t, r);
    fputc('\n', t->out);
}

/* ---- hints ---- */

static void print_hint(void *text, const char *note)
{
    const struct text *t = text;
    text_paint(t, PAINT_DIM);
    fputs("Hint: ", t->out);
    format_text(t->out, note);
    text_plain(t);
    fputc('\n', t->out);
}

void text_hints(const struct text *t, struct report *r)
{
    struct text to = *t;
    notes_of(r, print_hint, &to);
}
