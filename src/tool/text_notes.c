/* See text.h. What could not be seen, and how to go on. */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "loss.h"
#include "preloadable.h"
#include "text.h"

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
    print_unnamed(t, r);
    fputc('\n', t->out);
}

/* ---- hints ---- */

static bool program_is(const struct report *r, const char *start)
{
    const char *path = ledger_text(r->ledger, r->head.executable), *slash = strrchr(path, '/');
    return strncmp(slash ? slash + 1 : path, start, strlen(start)) == 0 ||
           strncmp(r->head.program, start, strlen(start)) == 0;
}

/* An argument of the command that begins so. */
static bool has_argument(const struct report *r, const char *start)
{
    uint32_t offset = r->head.command;
    for (const char *a = ledger_text(r->ledger, offset); *a; a = ledger_text(r->ledger, offset)) {
        if (strncmp(a, start, strlen(start)) == 0)
            return true;
        offset += (uint32_t)strlen(a) + 1;
    }
    return false;
}

/* At exit and under `run` our environment is the program's; of an old ledger it is not known. */
static bool environment_has(const char *name, const char *part)
{
    const char *value = getenv(name);
    return value && strstr(value, part);
}

static void hint(const struct text *t, const char *line)
{
    text_paint(t, PAINT_DIM);
    fputs(line, t->out);
    text_plain(t);
    fputc('\n', t->out);
}

static void hint_runtime(const struct text *t, const struct report *r)
{
    if (program_is(r, "node") && !has_argument(r, "--perf-basic-prof") &&
        !environment_has("NODE_OPTIONS", "--perf-basic-prof"))
        hint(t, "Hint: node names its JavaScript frames with --perf-basic-prof "
                "--interpreted-frames-native-stack");
    if (program_is(r, "python") && !environment_has("PYTHONMALLOC", "malloc"))
        hint(t, "Hint: python hands out small objects from arenas of its own; PYTHONMALLOC=malloc shows each "
                "of them");
}

static void hint_in_front(const struct text *t, const char *library)
{
    text_paint(t, PAINT_DIM);
    fputs("Hint: calls of malloc go to ", t->out);
    format_text(t->out, library);
    fputs(", which was loaded before leakwatch: what is allocated there is not seen", t->out);
    text_plain(t);
    fputc('\n', t->out);
}

/* A look into the program's file, which is a stranger's: like the names, not when reading them has failed. */
static bool defines_malloc(const struct report *r, const char *executable)
{
    char why[512];
    return !r->nameless && executable[0] == '/' && preloadable(executable, why, sizeof why).own_malloc;
}

static void hint_allocator(const struct text *t, const struct report *r)
{
    const char *executable = ledger_text(r->ledger, r->head.executable);
    const char *first = ledger_text(r->ledger, r->head.in_front), *slash = strrchr(first, '/');
    if (strcmp(first, executable) == 0 ? *first : defines_malloc(r, executable))
        hint(t, "Hint: the program brings its own malloc; what it allocates through it is not seen");
    else if (*first)
        hint_in_front(t, slash ? slash + 1 : first);
    if (!r->findings.totals.allocations && !*first)
        hint(t, "Hint: no allocation was seen: the program makes none, or something (valgrind?) keeps them "
                "from us");
    if (r->head.sizes_requested)
        hint(t, "Hint: sizes are as requested: this allocator does not tell what it really gave");
}

void text_hints(const struct text *t, struct report *r)
{
    hint_runtime(t, r);
    hint_allocator(t, r);
}
