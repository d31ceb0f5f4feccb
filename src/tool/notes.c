/* See notes.h. */
#include "notes.h"

#include <stdlib.h>
#include <string.h>

#include "preloadable.h"

struct notes {
    const struct report *r;
    void (*take)(void *to, const char *note);
    void *to;
};

static void note(const struct notes *n, const char *line)
{
    n->take(n->to, line);
}

/* ---- runtimes ---- */

static bool program_is(const struct report *r, const char *start)
{
    const char *path = ledger_text(r->ledger, r->head.executable), *slash = strrchr(path, '/');
    return strncmp(slash ? slash + 1 : path, start, strlen(start)) == 0 ||
           strncmp(r->head.program, start, strlen(start)) == 0;
}

bool notes_has_argument(const struct report *r, const char *start)
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

static void note_runtime(const struct notes *n)
{
    if (program_is(n->r, "node") && !notes_has_argument(n->r, "--perf-basic-prof") &&
        !environment_has("NODE_OPTIONS", "--perf-basic-prof"))
        note(n, "node names its JavaScript frames with --perf-basic-prof --interpreted-frames-native-stack");
    if (program_is(n->r, "python") && !environment_has("PYTHONMALLOC", "malloc"))
        note(n,
             "python hands out small objects from arenas of its own; PYTHONMALLOC=malloc shows each of them");
}

/* ---- allocators ---- */

static void note_in_front(const struct notes *n, const char *library)
{
    char line[512];
    snprintf(line, sizeof line,
             "calls of malloc go to %.255s, which was loaded before leakwatch: what is allocated there is "
             "not seen",
             library);
    note(n, line);
}

/* A look into the program's file, which is a stranger's: like the names, not when reading them has failed. */
static bool defines_malloc(const struct report *r, const char *executable)
{
    char why[512];
    return !r->nameless && executable[0] == '/' && preloadable(executable, why, sizeof why).own_malloc;
}

/* A program that is not position-independent lends its address of malloc to everybody: found there, it may
 * still be the C library's. */
static bool brings_malloc(const struct report *r, const char *first, const char *executable)
{
    bool found_there = *first && strcmp(first, executable) == 0;
    return (found_there && r->nameless) || defines_malloc(r, executable);
}

static void note_allocator(const struct notes *n)
{
    const struct report *r = n->r;
    const char *executable = ledger_text(r->ledger, r->head.executable);
    const char *first = ledger_text(r->ledger, r->head.in_front), *slash = strrchr(first, '/');
    bool foreign = *first && strcmp(first, executable) != 0;
    if (!foreign && brings_malloc(r, first, executable))
        note(n, "the program brings its own malloc; what it allocates through it is not seen");
    else if (foreign)
        note_in_front(n, slash ? slash + 1 : first);
    if (!r->findings.totals.allocations && !*first)
        note(n,
             "no allocation was seen: the program makes none, or something (valgrind?) keeps them from us");
    if (r->head.sizes_requested)
        note(n, "sizes are as requested: this allocator does not tell what it really gave");
}

/* glibc keeps stacks of ended threads for the next ones, 40 MiB of them: five of 8 MiB. */
#define STACKS_KEPT 8u

static void note_threads(const struct notes *n)
{
    const struct memory *m = &n->r->memory;
    char line[256];
    if (m->thread_stacks < m->threads + STACKS_KEPT)
        return;
    snprintf(line, sizeof line,
             "%u thread stacks are mapped, but %u threads run: threads that end without pthread_join or "
             "pthread_detach keep theirs",
             m->thread_stacks, m->threads);
    note(n, line);
}

void notes_of(const struct report *r, void (*take)(void *to, const char *note), void *to)
{
    const struct notes notes = {r, take, to};
    note_runtime(&notes);
    note_allocator(&notes);
    note_threads(&notes);
}
