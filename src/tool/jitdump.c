/* See jitdump.h. Loads and moves become entries; a move has the name of its load. Entries are sorted by where
 * they start, so that few are looked at for one address. */
#include "jitdump.h"

#include <elf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC          0x4a695444u /* "JiTD" */
#define VERSION        1u
#define ARCH_TIMESTAMP 1u /* of the flags: times are the processor's */

/* A node server compiles some 100,000 functions a day. Beyond this nothing is named. */
#define MOST_ENTRIES (UINT32_C(1) << 20)

struct file_head {
    uint32_t magic, version;
    uint32_t bytes; /* of this head */
    uint32_t machine, pad, pid;
    uint64_t started_us, flags;
};

enum record_kind { CODE_LOAD, CODE_MOVE, CODE_DEBUG_INFO, CODE_CLOSE, CODE_UNWINDING_INFO };

struct record_head {
    uint32_t kind, bytes; /* with this head */
    uint64_t time_ns;
};

/* Behind a load follow its name, which ends in NUL, and the code. */
struct load {
    uint32_t pid, tid;
    uint64_t virtual_address, address, size, index;
};

struct move {
    uint32_t pid, tid;
    uint64_t virtual_address, from, address, size, index;
};

struct entry {
    uint64_t start, size, time_ns;
    uint64_t index; /* of the load: the writer counts them */
    uint32_t order; /* in the file */
    char *name;     /* a load's own; of a move NULL until all is read, then its load's */
    bool moved;
};

struct jitdump {
    struct entry *entries; /* by start, then by order */
    uint32_t count, room;
    uint64_t longest; /* size of the largest entry */
    bool timed;
};

static bool read_head(struct jitdump *dump, FILE *file, uint32_t pid);
static bool read_record(struct jitdump *dump, FILE *file);
static void name_moves(struct jitdump *dump);
static int by_start(const void *a, const void *b);

struct jitdump *jitdump_read(FILE *file, uint32_t pid)
{
    struct jitdump *dump = calloc(1, sizeof *dump);
    if (!dump || !read_head(dump, file, pid)) {
        free(dump);
        return NULL;
    }
    while (dump->count < MOST_ENTRIES && read_record(dump, file))
        ;
    name_moves(dump);
    if (dump->count)
        qsort(dump->entries, dump->count, sizeof *dump->entries, by_start);
    return dump;
}

void jitdump_close(struct jitdump *dump)
{
    if (!dump)
        return;
    for (uint32_t i = 0; i < dump->count; i++)
        if (!dump->entries[i].moved)
            free(dump->entries[i].name);
    free(dump->entries);
    free(dump);
}

/* ---- reading ---- */

static bool read_head(struct jitdump *dump, FILE *file, uint32_t pid)
{
    struct file_head head;
    if (fread(&head, sizeof head, 1, file) != 1 || head.magic != MAGIC || head.version != VERSION ||
        head.machine != EM_X86_64 || head.pid != pid || head.bytes < sizeof head)
        return false;
    dump->timed = !(head.flags & ARCH_TIMESTAMP);
    if (fseeko(file, (off_t)head.bytes, SEEK_SET) != 0) /* beyond the end of a file in memory */
        fseeko(file, 0, SEEK_END);
    return true;
}

static bool add(struct jitdump *dump, struct entry entry)
{
    if (entry.size == 0 || entry.start > UINT64_MAX - entry.size)
        return false;
    if (dump->count == dump->room) {
        uint32_t room = dump->room ? dump->room * 2 : 1024;
        struct entry *entries = realloc(dump->entries, room * sizeof *entries);
        if (!entries)
            return false;
        dump->entries = entries;
        dump->room = room;
    }
    entry.order = dump->count;
    dump->longest = entry.size > dump->longest ? entry.size : dump->longest;
    dump->entries[dump->count++] = entry;
    return true;
}

/* The string at the file's place: up to NUL, `most` bytes or the end. */
static char *read_name(FILE *file, size_t most)
{
    char name[JITNAME_MOST];
    size_t length = 0;
    most = most < sizeof name ? most : sizeof name;
    for (int c; length < most && (c = getc(file)) != EOF && c != '\0'; length++)
        name[length] = (char)c;
    return length ? strndup(name, length) : NULL;
}

static void read_load(struct jitdump *dump, FILE *file, const struct record_head *head)
{
    struct load load;
    if (head->bytes < sizeof *head + sizeof load || fread(&load, sizeof load, 1, file) != 1)
        return;
    char *name = read_name(file, head->bytes - sizeof *head - sizeof load);
    struct entry entry = {.start = load.address,
                          .size = load.size,
                          .time_ns = head->time_ns,
                          .index = load.index,
                          .name = name};
    if (!name || !add(dump, entry))
        free(name);
}

static void read_move(struct jitdump *dump, FILE *file, const struct record_head *head)
{
    struct move move;
    if (head->bytes < sizeof *head + sizeof move || fread(&move, sizeof move, 1, file) != 1)
        return;
    add(dump, (struct entry){.start = move.address,
                             .size = move.size,
                             .time_ns = head->time_ns,
                             .index = move.index,
                             .moved = true});
}

/* False: there are no more. */
static bool read_record(struct jitdump *dump, FILE *file)
{
    struct record_head head;
    off_t start = ftello(file);
    if (start < 0 || fread(&head, sizeof head, 1, file) != 1 || head.bytes < sizeof head ||
        head.kind == CODE_CLOSE)
        return false;
    if (head.kind == CODE_LOAD)
        read_load(dump, file, &head);
    else if (head.kind == CODE_MOVE)
        read_move(dump, file, &head);
    return fseeko(file, start + (off_t)head.bytes, SEEK_SET) == 0;
}

/* ---- moves ---- */

/* Loads before moves of the same index, the last load first. */
static int by_index(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    if (x->moved != y->moved)
        return x->moved ? 1 : -1;
    return x->order < y->order ? 1 : -1;
}

/* A move without its load has no name: its size 0 covers no address. */
static void name_moves(struct jitdump *dump)
{
    const struct entry *load = NULL;
    if (dump->count)
        qsort(dump->entries, dump->count, sizeof *dump->entries, by_index);
    for (uint32_t i = 0; i < dump->count; i++) {
        struct entry *e = &dump->entries[i];
        if (!e->moved && (!load || load->index != e->index))
            load = e;
        if (!e->moved)
            continue;
        e->name = load && load->index == e->index ? load->name : NULL;
        e->size = e->name ? e->size : 0;
    }
}

/* ---- looking up ---- */

static int by_start(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* How many entries start at the address or below. */
static uint32_t starting_until(const struct jitdump *dump, uint64_t address)
{
    uint32_t from = 0, until = dump->count;
    while (from < until) {
        uint32_t middle = from + (until - from) / 2;
        if (dump->entries[middle].start <= address)
            from = middle + 1;
        else
            until = middle;
    }
    return from;
}

/* Is a the better answer? In time before late, then the newest in time, the oldest of the late. */
static bool is_better(const struct entry *a, const struct entry *b, uint64_t when_ns)
{
    bool a_late = a->time_ns > when_ns, b_late = b->time_ns > when_ns;
    if (a_late != b_late)
        return b_late;
    if (a->time_ns != b->time_ns)
        return (a->time_ns > b->time_ns) != a_late;
    return a->order > b->order;
}

uint32_t jitdump_find(const struct jitdump *dump, uint64_t address, uint64_t when_ns)
{
    const struct entry *best = NULL;
    uint32_t i = dump ? starting_until(dump, address) : 0;
    while (i-- > 0 && address - dump->entries[i].start < dump->longest) {
        const struct entry *e = &dump->entries[i];
        if (address - e->start >= e->size)
            continue;
        if (!best || (dump->timed ? is_better(e, best, when_ns) : e->order > best->order))
            best = e;
    }
    return best ? (uint32_t)(best - dump->entries) + 1 : 0;
}

int jitdump_name(const struct jitdump *dump, uint32_t code, struct jitname *name)
{
    const char *text = dump->entries[code - 1].name;
    return jitname_of(name, text, strlen(text));
}
