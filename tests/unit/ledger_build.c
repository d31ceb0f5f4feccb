/* See ledger_build.h. */
#include "ledger_build.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verdict.h"

static const struct {
    uint32_t item, capacity;
} areas[AREAS] = {
    [AREA_MODULES] = {sizeof(struct module), 16}, [AREA_TEXT] = {1, 4096},
    [AREA_OWNERS] = {sizeof(uint32_t), 8},        [AREA_NODES] = {sizeof(struct node), 256},
    [AREA_SITES] = {sizeof(struct site), 2048},   [AREA_HISTORIES] = {sizeof(struct history), 64},
    [AREA_BLOCKS] = {sizeof(struct block), 4},
};

static void lay_out(struct ledger_header *head)
{
    uint64_t at = LEDGER_HEADER_BYTES;
    for (int a = 0; a < AREAS; a++) {
        head->area[a] =
            (struct area){.offset = at, .capacity = areas[a].capacity, .item = areas[a].item, .used = 1};
        at += ((uint64_t)areas[a].item * areas[a].capacity + 4095) / 4096 * 4096;
    }
    head->file_bytes = at;
}

struct build build_new(void)
{
    struct ledger_header head = {.version = LEDGER_VERSION, .header_bytes = LEDGER_HEADER_BYTES};
    lay_out(&head);
    memcpy(head.magic, LEDGER_MAGIC, sizeof head.magic);
    head.pid = head.root_pid = 4194305; /* one more than Linux gives out */
    head.parent_pid = 1;
    head.start_ticks = 12345;
    head.started_ns = UINT64_C(1700000000123000000);
    strcpy(head.program, "myserver");
    head.min_bytes = 64 << 10;
    head.interval_ms = 1000;
    head.depth = 128;
    head.is_file = 1;
    strcpy(head.version_text, "0.1.0");
    head.updated_ms = 59900;
    head.exit_began_ms = 60001;
    head.ended = ENDED_EXIT;
    head.ended_ms = 60000;
    struct build b = {.bytes = calloc(1, head.file_bytes), .size = head.file_bytes};
    memcpy(b.bytes, &head, sizeof head);
    b.head = (struct ledger_header *)(void *)b.bytes;
    return b;
}

void build_free(struct build *b)
{
    free(b->bytes);
    b->bytes = NULL;
}

static void *item(struct build *b, enum ledger_area a, uint32_t id)
{
    return b->bytes + b->head->area[a].offset + (uint64_t)id * b->head->area[a].item;
}

static uint32_t add(struct build *b, enum ledger_area a, uint32_t n)
{
    uint32_t id = (uint32_t)b->head->area[a].used;
    if (id + n > b->head->area[a].capacity) {
        fprintf(stderr, "ledger_build: no room in area %d\n", (int)a);
        abort();
    }
    b->head->area[a].used += n;
    return id;
}

uint32_t build_text(struct build *b, const char *text)
{
    uint32_t at = add(b, AREA_TEXT, (uint32_t)strlen(text) + 1);
    strcpy(item(b, AREA_TEXT, at), text);
    return at;
}

uint32_t build_command(struct build *b, const char *const *arguments)
{
    uint32_t first = build_text(b, *arguments);
    while (*++arguments)
        build_text(b, *arguments);
    add(b, AREA_TEXT, 1);
    return first;
}

uint32_t build_module(struct build *b, const char *path)
{
    uint32_t id = add(b, AREA_MODULES, 1);
    struct module *m = item(b, AREA_MODULES, id);
    m->path = build_text(b, path);
    return id;
}

uint32_t build_node(struct build *b, uint32_t parent, uint32_t module, uint64_t offset, uint64_t flags)
{
    uint32_t id = add(b, AREA_NODES, 1);
    struct node *n = item(b, AREA_NODES, id);
    n->parent = parent;
    n->where = (uint64_t)module << NODE_MODULE_SHIFT | flags | offset;
    return id;
}

uint32_t build_site(struct build *b, uint32_t node)
{
    uint32_t id = add(b, AREA_SITES, 1);
    build_site_at(b, id)->node = node;
    return id;
}

struct site *build_site_at(struct build *b, uint32_t site)
{
    return item(b, AREA_SITES, site);
}

uint32_t build_block(struct build *b)
{
    add(b, AREA_OWNERS, 1);
    return add(b, AREA_BLOCKS, 1);
}

struct counter *build_counter(struct build *b, uint32_t block, uint32_t site)
{
    struct counter *c = &((struct block *)item(b, AREA_BLOCKS, block))->counters[site % BLOCK_COUNTERS];
    c->site = site;
    return c;
}

struct history *build_history(struct build *b, uint32_t site, double (*level)(double seconds), double churn)
{
    uint32_t id = add(b, AREA_HISTORIES, 1);
    struct history *h = item(b, AREA_HISTORIES, id);
    struct site *s = build_site_at(b, site);
    double allocated = 0, before = 0;
    history_init(h, site, 0, 100, 0);
    for (uint64_t ms = 100; ms <= 60000; ms += 100) {
        double live = level((double)ms / 1000);
        allocated += churn + (live > before ? live - before : 0);
        before = live;
        if (history_add(h, ms, live, live, live, allocated))
            judge_step(h);
    }
    s->history = id;
    s->allocated_bytes = s->requested_bytes = (uint64_t)allocated;
    s->freed_bytes = (uint64_t)allocated - (uint64_t)before;
    s->allocations = s->allocated_bytes / 100;
    s->frees = s->freed_bytes / 100;
    return h;
}

char *build_file(const struct build *b)
{
    char *path = strdup("/tmp/leakwatch-test-ledger.XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, b->bytes, b->size) != (ssize_t)b->size)
        abort();
    close(fd);
    return path;
}
