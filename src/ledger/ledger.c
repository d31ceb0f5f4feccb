/* See ledger.h. The reader of a ledger that nobody vouches for.
 *
 * One rule keeps it safe: what decides an address (area offsets, item sizes, counts) is checked once at
 * open and from then on taken from the checked copy in struct ledger, never again from the file, whose
 * writer may be alive or malicious. Everything else read from the file is only ever a value; strings, which
 * are read twice by nature, come from a copy.
 */
#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_item.h"

/* Times beyond 35,000 years are forged; below it, sums of a few of them cannot overflow. */
#define MOST_MS (UINT64_C(1) << 50)
/* The recorder has room for 16 MiB of names. */
#define MOST_TEXT (UINT64_C(64) << 20)

static const struct {
    const char *name;
    uint32_t item;
} areas[AREAS] = {
    [AREA_MODULES] = {"modules", sizeof(struct module)},
    [AREA_TEXT] = {"text", 1},
    [AREA_OWNERS] = {"owners", sizeof(uint32_t)},
    [AREA_NODES] = {"nodes", sizeof(struct node)},
    [AREA_SITES] = {"sites", sizeof(struct site)},
    [AREA_HISTORIES] = {"histories", sizeof(struct history)},
    [AREA_BLOCKS] = {"blocks", sizeof(struct block)},
};

static int size_of_file(struct ledger *l, int fd, char *why, size_t why_size);
static int map_file(struct ledger *l, int fd, char *why, size_t why_size);
static int check_all(struct ledger *l, char *why, size_t why_size);
static int check_head(struct ledger *l, char *why, size_t why_size);
static int check_area(struct ledger *l, enum ledger_area a, char *why, size_t why_size);
static int copy_text(struct ledger *l, char *why, size_t why_size);

static int open_file(const char *path, char *why, size_t why_size)
{
    /* O_NONBLOCK: a path that turns out to be a fifo must not hang us. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        snprintf(why, why_size, "cannot be opened: %s", strerror(errno));
    return fd;
}

int ledger_open(struct ledger *l, const char *path, char *why, size_t why_size)
{
    *l = (struct ledger){0};
    int fd = open_file(path, why, why_size);
    if (fd < 0)
        return -1;
    int result = map_file(l, fd, why, why_size);
    close(fd);
    if (result == 0 && (check_all(l, why, why_size) != 0 || copy_text(l, why, why_size) != 0)) {
        ledger_close(l);
        result = -1;
    }
    return result;
}

/* Read, not mapped: where the file is cut meanwhile, it is only too short. */
int ledger_peek(struct ledger_header *head, const char *path, char *why, size_t why_size)
{
    _Alignas(struct ledger_header) unsigned char bytes[LEDGER_HEADER_BYTES];
    struct ledger l = {.bytes = bytes};
    int fd = open_file(path, why, why_size);
    if (fd < 0)
        return -1;
    int result = size_of_file(&l, fd, why, why_size);
    if (result == 0 && pread(fd, bytes, sizeof bytes, 0) != sizeof bytes) {
        snprintf(why, why_size, "cannot be read");
        result = -1;
    }
    close(fd);
    if (result == 0)
        result = check_head(&l, why, why_size);
    *head = l.head;
    return result;
}

/* Strings are measured, then copied, by whoever prints them: one that its writer lengthens in between would
 * be written beyond its room. So the strings are copied once. */
static int copy_text(struct ledger *l, char *why, size_t why_size)
{
    uint64_t size = l->used[AREA_TEXT];
    void *copy = size <= MOST_TEXT
                     ? mmap(NULL, size + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                     : MAP_FAILED;
    if (copy == MAP_FAILED) {
        snprintf(why, why_size, "is damaged or forged: %" PRIu64 " bytes of names are too much", size);
        return -1;
    }
    memcpy(copy, l->text, size);
    l->text = copy;
    l->text_is_copy = true;
    return 0;
}

/* Only a regular file of our own: a ledger decides which files we open for symbols. */
static int check_file(const struct stat *st, char *why, size_t why_size)
{
    if (S_ISDIR(st->st_mode)) {
        snprintf(why, why_size, "is a directory");
    } else if (!S_ISREG(st->st_mode)) {
        snprintf(why, why_size, "is not a regular file");
    } else if (st->st_uid != geteuid()) {
        snprintf(why, why_size, "belongs to another user (uid %u): read it as that user", st->st_uid);
    } else if ((uint64_t)st->st_size < LEDGER_HEADER_BYTES) {
        snprintf(why, why_size, "is not a ledger: %jd bytes are too short", (intmax_t)st->st_size);
    } else {
        return 0;
    }
    return -1;
}

static int size_of_file(struct ledger *l, int fd, char *why, size_t why_size)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        snprintf(why, why_size, "cannot be examined: %s", strerror(errno));
        return -1;
    }
    l->size = (uint64_t)st.st_size;
    return check_file(&st, why, why_size);
}

static int map_file(struct ledger *l, int fd, char *why, size_t why_size)
{
    if (size_of_file(l, fd, why, why_size) != 0)
        return -1;
    void *at = mmap(NULL, (size_t)l->size, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        snprintf(why, why_size, "cannot be mapped: %s", strerror(errno));
        return -1;
    }
    l->bytes = at;
    return 0;
}

int ledger_view(struct ledger *l, const void *bytes, uint64_t size, char *why, size_t why_size)
{
    *l = (struct ledger){.bytes = bytes, .size = size};
    return check_all(l, why, why_size);
}

void ledger_close(struct ledger *l)
{
    if (l->text_is_copy)
        munmap((void *)(uintptr_t)l->text, (size_t)l->used[AREA_TEXT] + 1);
    if (l->bytes)
        munmap((void *)(uintptr_t)l->bytes, (size_t)l->size);
    *l = (struct ledger){0};
}

static int check_head(struct ledger *l, char *why, size_t why_size)
{
    if (l->size < LEDGER_HEADER_BYTES) {
        snprintf(why, why_size, "is not a ledger: %" PRIu64 " bytes are too short", l->size);
        return -1;
    }
    const struct ledger_header *head = (const struct ledger_header *)(const void *)l->bytes;
    /* Acquire: pairs with the release of the magic, which is written when all the rest stands. */
    uint64_t magic = LOAD_ACQUIRE(*(const uint64_t *)(const void *)head->magic);
    if (memcmp(&magic, LEDGER_MAGIC, sizeof magic) != 0) {
        snprintf(why, why_size,
                 magic ? "is not a ledger" : "is not a ledger, or one whose process was ended at its start");
        return -1;
    }
    l->head = ledger_head(l);
    if (l->head.version != LEDGER_VERSION || l->head.header_bytes != LEDGER_HEADER_BYTES) {
        snprintf(why, why_size, "is a ledger of format %u, this leakwatch reads format %u", l->head.version,
                 LEDGER_VERSION);
        return -1;
    }
    if (l->head.file_bytes > l->size) {
        snprintf(why, why_size, "is cut short: %" PRIu64 " of %" PRIu64 " bytes", l->size,
                 l->head.file_bytes);
        return -1;
    }
    for (int a = 0; a < AREAS; a++)
        if (check_area(l, (enum ledger_area)a, why, why_size) != 0)
            return -1;
    return 0;
}

static int check_all(struct ledger *l, char *why, size_t why_size)
{
    if (check_head(l, why, why_size) != 0)
        return -1;
    l->text = (const char *)l->bytes + l->head.area[AREA_TEXT].offset;
    return 0;
}

/* An area must lie wholly inside the file and be aligned for its items. Areas that overlap each other
 * are a lie but no danger: everything in them is read as plain values. */
static int check_area(struct ledger *l, enum ledger_area a, char *why, size_t why_size)
{
    const struct area *area = &l->head.area[a];
    const char *wrong = NULL;
    if (area->item != areas[a].item)
        wrong = "its items have another size";
    else if (area->offset < LEDGER_HEADER_BYTES || area->offset % 4096 != 0)
        wrong = "its place is impossible";
    else if (area->offset > l->head.file_bytes ||
             area->capacity > (l->head.file_bytes - area->offset) / area->item)
        wrong = "it reaches beyond the end of the file";
    else if (area->capacity > UINT32_MAX)
        wrong = "it is larger than ids can count";
    if (wrong) {
        snprintf(why, why_size, "is damaged or forged: area \"%s\": %s", areas[a].name, wrong);
        return -1;
    }
    l->used[a] = area->used < area->capacity ? area->used : area->capacity;
    return 0;
}

/* What stood before the magic did. */
static void copy_fixed(struct ledger_header *copy, const struct ledger_header *head)
{
    const size_t from = offsetof(struct ledger_header, pid), to = offsetof(struct ledger_header, updated_ms);
    memcpy(copy, head, offsetof(struct ledger_header, area));
    for (int a = 0; a < AREAS; a++)
        copy->area[a] = (struct area){head->area[a].offset, head->area[a].capacity, head->area[a].item, 0, 0};
    memcpy((char *)copy + from, (const char *)head + from, to - from);
    copy->pid_namespace = head->pid_namespace;
}

static void load_marks(struct mark *copy, const struct mark *marks)
{
    for (uint32_t i = 0; i < LEDGER_MARKS; i++)
        copy[i] = (struct mark){LOAD_ACQUIRE(marks[i].name), LOAD(marks[i].times), LOAD(marks[i].ms),
                                LOAD(marks[i].live_bytes)};
}

/* A change that is made meanwhile is not waited for long: its writer may have died inside. */
static void load_told(struct ledger_header *copy, const struct ledger_header *head)
{
    for (unsigned tries = 0; tries < 100; tries++) {
        copy->changes_done = LOAD_ACQUIRE(head->changes_done);
        load_marks(copy->phases, head->phases);
        for (uint32_t i = 0; i < LEDGER_CHANGES; i++)
            copy->changes[i] = LOAD_ACQUIRE(head->changes[i]);
        copy->changes_begun = LOAD(head->changes_begun);
        if (copy->changes_begun == copy->changes_done)
            break;
    }
    load_marks(copy->threads, head->threads);
    copy->excluded[SITE_HEAP] = LOAD(head->excluded[SITE_HEAP]);
    copy->excluded[SITE_MMAP] = LOAD(head->excluded[SITE_MMAP]);
}

/* Moving fields one by one with atomics. */
static void load_moving(struct ledger_header *copy, const struct ledger_header *head)
{
    copy->updated_ms = LOAD(head->updated_ms);
    copy->exit_began_ms = LOAD(head->exit_began_ms);
    copy->ended = LOAD_ACQUIRE(head->ended);
    copy->exit_status = LOAD(head->exit_status);
    copy->ended_ms = LOAD(head->ended_ms);
    copy->rss_bytes = LOAD(head->rss_bytes);
    copy->peak_rss_bytes = LOAD(head->peak_rss_bytes);
    copy->live_bytes = LOAD(head->live_bytes);
    copy->peak_live_bytes = LOAD(head->peak_live_bytes);
    copy->peak_ms = LOAD(head->peak_ms);
    copy->peak_epoch = LOAD(head->peak_epoch);
    copy->flagged = LOAD(head->flagged);
    copy->forked = LOAD(head->forked);
    for (int i = 0; i < LOSS_RANGE; i++)
        copy->losses[i] = LOAD(head->losses[i]);
    for (int a = 0; a < AREAS; a++)
        copy->area[a].used = LOAD_ACQUIRE(head->area[a].used);
}

static uint64_t at_most(uint64_t value, uint64_t most)
{
    return value < most ? value : most;
}

struct ledger_header ledger_head(const struct ledger *l)
{
    const struct ledger_header *head = (const struct ledger_header *)(const void *)l->bytes;
    struct ledger_header copy;
    copy_fixed(&copy, head);
    load_moving(&copy, head);
    load_told(&copy, head);
    copy.program[sizeof copy.program - 1] = '\0';
    copy.version_text[sizeof copy.version_text - 1] = '\0';
    copy.updated_ms = at_most(copy.updated_ms, MOST_MS);
    copy.exit_began_ms = at_most(copy.exit_began_ms, MOST_MS);
    copy.ended_ms = at_most(copy.ended_ms, MOST_MS);
    copy.peak_ms = at_most(copy.peak_ms, MOST_MS);
    return copy;
}

const void *ledger_item(const struct ledger *l, enum ledger_area a, uint32_t id)
{
    if (id >= l->used[a])
        return NULL;
    return l->bytes + l->head.area[a].offset + (uint64_t)id * areas[a].item;
}

const struct module *ledger_module(const struct ledger *l, uint32_t id)
{
    return id ? ledger_item(l, AREA_MODULES, id) : NULL;
}

const struct site *ledger_site(const struct ledger *l, uint32_t id)
{
    return ledger_item(l, AREA_SITES, id);
}

const char *ledger_text(const struct ledger *l, uint32_t offset)
{
    if (offset == 0 || offset >= l->used[AREA_TEXT] ||
        !memchr(l->text + offset, '\0', l->used[AREA_TEXT] - offset))
        return "";
    return l->text + offset;
}

uint32_t ledger_stack(const struct ledger *l, uint32_t node, struct frame *frames, uint32_t room)
{
    uint32_t count = 0;
    /* Steps, not frames, are bounded: a forged cycle of unpublished nodes has no frames at all. */
    for (uint32_t steps = 0; node && steps < room; steps++) {
        const struct node *n = ledger_item(l, AREA_NODES, node);
        if (!n)
            break;
        uint64_t where = LOAD_ACQUIRE(n->where);
        if (where)
            frames[count++] = (struct frame){
                .module = (uint32_t)(where >> NODE_MODULE_SHIFT),
                .offset = where & NODE_OFFSET_MASK,
                .repeats = where & NODE_REPEATS,
                .cut = where & NODE_CUT,
                .exact = where & NODE_SIGNAL,
            };
        node = LOAD(n->parent);
    }
    return count;
}

/* ---- histories ---- */

static bool sane_window(const struct window *w)
{
    return isfinite(w->low) && isfinite(w->high) && isfinite(w->allocated) && w->low >= 0 &&
           w->high >= w->low && w->allocated >= 0;
}

/* What the judge may rely on: counts in range, times in order, numbers that are numbers. */
static bool sane_history(const struct history *h)
{
    if (h->count > HISTORY_WINDOWS || h->width_ms < 1 || h->width_ms > MOST_MS)
        return false;
    if (h->start_ms > h->open_ms || h->open_ms > h->last_ms || h->last_ms > MOST_MS)
        return false;
    if (!isfinite(h->last_live) || h->last_live < 0 || !isfinite(h->allocated) || h->allocated < 0)
        return false;
    for (uint32_t i = 0; i < h->count; i++)
        if (!sane_window(&h->closed[i]))
            return false;
    return true;
}

bool ledger_history(const struct ledger *l, uint32_t id, uint32_t site, struct history *copy)
{
    const struct history *h = id ? ledger_item(l, AREA_HISTORIES, id) : NULL;
    if (!h)
        return false;
    (void)history_read(h, copy); /* of a writer that died inside, it is taken as it is */
    if (copy->site != site || !sane_history(copy))
        return false;
    if (!sane_window(&copy->open)) /* torn by a writer that died: begin it anew */
        copy->open = (struct window){copy->last_live, copy->last_live, 0};
    copy->held_ms = at_most(copy->held_ms, MOST_MS);
    copy->gap_ms = at_most(copy->gap_ms, MOST_MS);
    copy->first_flagged_ms = at_most(copy->first_flagged_ms, MOST_MS);
    return true;
}
