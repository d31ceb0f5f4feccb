/* See top_view.h. */
#include "top_view.h"

#include <stdlib.h>
#include <string.h>

#include "apart.h"
#include "format.h"
#include "namespaces.h"
#include "text.h"

/* What the kernel does to answer holds up the target's own mmap for some microseconds a mapping. */
#define MEMORY_EVERY_MS 5000
#define NAMES_AT_ONCE   100u
#define PATIENCE_MS     20000

struct look {
    const char *path;
    const struct top_view *before;
    const struct top_names *names; /* NULL: none are wanted */
};

/* ---- in the child ---- */

static void take_curve(struct top_site *to, const struct history *h)
{
    if (!h)
        return;
    for (uint32_t i = 0; i < h->count && i < HISTORY_WINDOWS; i++)
        to->curve[to->points++] = ((double)h->closed[i].low + (double)h->closed[i].high) / 2;
    to->curve[to->points++] = (double)h->last_live;
}

static struct top_site site_of(const struct finding *f)
{
    struct top_site site = {
        .site = f->site,
        .kind = f->kind,
        .verdict = f->verdict,
        .live_bytes = f->live_bytes,
        .grown_bytes = f->live_bytes - f->from_bytes,
        .bytes_per_s = f->verdict == VERDICT_GROWING ? f->judgement.bytes_per_s : 0,
        .live_blocks = f->sums.live_blocks,
        .allocations = f->sums.allocations,
    };
    take_curve(&site, f->history);
    return site;
}

static bool memory_is_due(const struct top_view *before, const struct process *process)
{
    return !before->memory_ms || !process->alive || process->age_ms >= before->memory_ms + MEMORY_EVERY_MS;
}

static void write_view(const struct look *look, struct report *r, FILE *out)
{
    struct top_view view = {.head = r->head, .process = r->process, .memory_ms = look->before->memory_ms};
    bool due = memory_is_due(look->before, &r->process);
    r->memory = due ? memory_of(&r->head, r->process.alive ? namespaces_pid(&r->head) : 0, false)
                    : look->before->memory;
    view.memory = r->memory;
    view.memory_ms = due ? r->process.age_ms + 1 : view.memory_ms;
    view.makeup = report_makeup(r);
    view.totals = r->findings.totals;
    view.growing = r->findings.growing;
    view.bytes_per_s = r->findings.bytes_per_s;
    view.seconds_to_limit = report_seconds_to_limit(r, view.bytes_per_s);
    view.count = r->findings.count < TOP_SITES ? r->findings.count : TOP_SITES;
    fwrite(&view, sizeof view, 1, out);
    for (uint32_t i = 0; i < view.count; i++) {
        struct top_site site = site_of(&r->findings.items[i]);
        fwrite(&site, sizeof site, 1, out);
    }
}

/* Cut where a character begins. */
static void copy_cut(char *to, size_t room, const char *text)
{
    size_t length = strlen(text);
    if (length >= room) {
        length = room - 1;
        while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--;
    }
    memcpy(to, text, length);
    to[length] = '\0';
}

/* What print writes about the stack, into room bytes. */
static void put_text(char *to, size_t room, void (*print)(const struct text *t, const struct stack *stack),
                     const struct stack *stack)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return;
    print(&(struct text){out, false}, stack);
    if (fclose(out) == 0)
        copy_cut(to, room, text);
    free(text);
}

/* In one short line: the table is narrow, and the stack below it has the whole path. */
static void print_place(const struct text *t, const struct stack *stack)
{
    const struct call *call = stack_named(stack);
    char *name = call ? stack_call_name(call) : NULL;
    char *brief = name ? format_short_name(name) : NULL;
    format_text(t->out, brief ? brief : "(untracked)");
    if (call && call->symbol->file && call->symbol->line) {
        const char *slash = strrchr(call->symbol->file, '/');
        fputc(' ', t->out);
        format_text(t->out, slash ? slash + 1 : call->symbol->file);
        fprintf(t->out, ":%u", call->symbol->line);
    }
    free(brief);
    free(name);
}

static void print_calls(const struct text *t, const struct stack *stack)
{
    for (uint32_t i = stack->named; i < stack->count; i++) {
        text_call_place(t, &stack->calls[i]);
        fputs(stack->calls[i].symbol->inlined ? "  (inlined)\n" : "\n", t->out);
    }
    if (stack->cut)
        fputs("(cut: there were more)\n", t->out);
}

static void write_name(const struct report *r, const struct finding *f, FILE *out)
{
    struct top_name name = {.site = f->site};
    uint64_t age_ms = ((uint64_t)ledger_site(r->ledger, f->site)->first_cs + 2) * 10;
    struct stack stack = stack_of(r->symbols, r->ledger, f->node, age_ms);
    put_text(name.place, sizeof name.place, print_place, &stack);
    put_text(name.stack, sizeof name.stack, print_calls, &stack);
    stack_free(&stack);
    fwrite(&name, sizeof name, 1, out);
}

/* Of those that have none yet, the first hundred. */
static int write_names(const struct look *look, struct report *r, FILE *out)
{
    uint32_t written = 0;
    r->symbols = symbols_open(r->ledger, r->process.alive, true);
    if (!r->symbols)
        return -1;
    for (uint32_t i = 0; i < r->findings.count && i < TOP_SITES && written < NAMES_AT_ONCE; i++) {
        if (top_name_of(look->names, r->findings.items[i].site))
            continue;
        write_name(r, &r->findings.items[i], out);
        written++;
    }
    symbols_close(r->symbols);
    r->symbols = NULL;
    return 0;
}

static int write_look(void *argument, FILE *out)
{
    const struct look *look = argument;
    struct ledger ledger;
    char why[512];
    if (ledger_open(&ledger, look->path, why, sizeof why) != 0)
        return -1;
    struct report r = {.ledger = &ledger, .head = ledger_head(&ledger)};
    r.process = process_of(&r.head);
    int result = findings_of(&r.findings, &ledger, &r.head, &r.process, KEEP_LIVE);
    if (result == 0) {
        write_view(look, &r, out);
        result = look->names ? write_names(look, &r, out) : 0;
        findings_free(&r.findings);
    }
    ledger_close(&ledger);
    return ferror(out) ? -1 : result;
}

/* ---- in the parent ---- */

static void keep_names(struct top_names *names, const char *bytes, size_t size)
{
    for (; size >= sizeof(struct top_name);
         bytes += sizeof(struct top_name), size -= sizeof(struct top_name)) {
        struct top_name *name = malloc(sizeof *name), *old;
        if (!name)
            return;
        memcpy(name, bytes, sizeof *name);
        name->place[sizeof name->place - 1] = name->stack[sizeof name->stack - 1] = '\0';
        HASH_REPLACE(hh, names->by_site, site, sizeof name->site, name, old);
        free(old);
    }
}

/* False: it is not what a child writes. */
static bool keep_view(struct top_view *view, struct top_names *names, const char *bytes, size_t size)
{
    struct top_view now;
    if (size < sizeof now)
        return false;
    memcpy(&now, bytes, sizeof now);
    size_t sites = now.count * sizeof *now.sites;
    now.sites = now.count <= TOP_SITES && size - sizeof now >= sites ? malloc(sites + 1) : NULL;
    if (!now.sites)
        return false;
    memcpy(now.sites, bytes + sizeof now, sites);
    for (uint32_t i = 0; i < now.count; i++)
        if (now.sites[i].points > TOP_POINTS)
            now.sites[i].points = TOP_POINTS;
    now.head.program[sizeof now.head.program - 1] = '\0';
    free(view->sites);
    *view = now;
    if (names)
        keep_names(names, bytes + sizeof now + sites, size - sizeof now - sites);
    return true;
}

static bool look_apart(struct top_view *view, const char *path, struct top_names *names)
{
    struct look look = {path, view, names};
    struct apart what = {.work = write_look, .argument = &look, .patience_ms = PATIENCE_MS};
    char *bytes = NULL;
    size_t size = 0;
    bool done = apart(&what, &bytes, &size) == APART_DONE && keep_view(view, names, bytes, size);
    free(bytes);
    return done;
}

int top_look(struct top_view *view, const char *path, struct top_names *names, char *why, size_t why_size)
{
    struct ledger_header head;
    if (ledger_peek(&head, path, why, why_size) != 0)
        return -1;
    bool wanted = names && !names->given_up && !(view->sites && top_names_complete(names, view));
    if (wanted && look_apart(view, path, names))
        return 0;
    if (wanted)
        names->given_up = true;
    if (look_apart(view, path, NULL))
        return 0;
    snprintf(why, why_size, "cannot be read: it is damaged, or reading takes too much memory or time");
    return -1;
}

void top_view_free(struct top_view *view)
{
    free(view->sites);
    *view = (struct top_view){0};
}

/* ---- names ---- */

const struct top_name *top_name_of(const struct top_names *names, uint32_t site)
{
    struct top_name *name;
    HASH_FIND(hh, names->by_site, &site, sizeof site, name);
    return name;
}

bool top_names_complete(const struct top_names *names, const struct top_view *view)
{
    for (uint32_t i = 0; i < view->count; i++)
        if (!top_name_of(names, view->sites[i].site))
            return false;
    return true;
}

void top_names_free(struct top_names *names)
{
    struct top_name *name, *next;
    HASH_ITER(hh, names->by_site, name, next)
    {
        HASH_DEL(names->by_site, name);
        free(name);
    }
}
