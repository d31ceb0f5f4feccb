/* See children.h. */
#include "children.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "brief.h"
#include "ledger.h"
#include "places.h"
#include "process.h"

/* Below the same root and later; without being the root itself, only its own children are meant. */
static bool is_child(const struct place *p, const struct ledger_header *head, bool images)
{
    bool same = p->pid == head->pid && p->start_ticks == head->start_ticks;
    bool below = head->root_pid == head->pid ? p->root_pid == head->pid : p->parent_pid == head->pid;
    if (same)
        return images && p->started_ns != head->started_ns;
    return below && (images || p->started_ns >= head->started_ns);
}

static bool read_child(struct child *c, const struct place *p, unsigned patience_ms)
{
    struct ledger_header head;
    char why[256];
    if (ledger_peek(&head, p->path, why, sizeof why) != 0)
        return false;
    struct process process = process_of(&head);
    struct brief brief = patience_ms ? brief_of(p->path, patience_ms) : (struct brief){0};
    *c = (struct child){.path = strdup(p->path),
                        .pid = p->pid,
                        .growing = brief.growing,
                        .age_ms = process.age_ms,
                        .judged = brief.judged,
                        .ended = !process.alive && process.end == PROCESS_EXITED};
    memcpy(c->program, p->program, sizeof c->program);
    return c->path != NULL;
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct children children_of(const struct ledger_header *head, bool images)
{
    struct children c = {.recorded = head->forked};
    struct places places = places_list();
    /* For all of them together: many that stall must not cost their parent its report. */
    uint64_t until = now_ms() + BRIEF_PATIENCE_MS;
    c.items = calloc(places.count + 1, sizeof *c.items);
    for (uint32_t i = 0; c.items && i < places.count; i++) {
        uint64_t now = now_ms();
        unsigned left = now < until ? (unsigned)(until - now) : 0;
        if (!is_child(&places.items[i], head, images) ||
            !read_child(&c.items[c.count], &places.items[i], left))
            continue;
        c.flagged += c.items[c.count++].growing > 0;
    }
    places_free(&places);
    if (c.recorded < c.count)
        c.recorded = c.count;
    return c;
}

void children_free(struct children *c)
{
    for (uint32_t i = 0; i < c->count; i++)
        free(c->items[i].path);
    free(c->items);
    *c = (struct children){0};
}

void children_prune(const struct ledger_header *head)
{
    struct children c = children_of(head, false);
    for (uint32_t i = 0; i < c.count; i++)
        if (c.items[i].ended && c.items[i].judged && !c.items[i].growing)
            unlink(c.items[i].path);
    children_free(&c);
}
