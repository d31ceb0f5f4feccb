/* See children.h. */
#include "children.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "findings.h"
#include "places.h"

/* Below the same root and later; without being the root itself, only its own children are meant. */
static bool is_child(const struct place *p, const struct ledger_header *head, bool images)
{
    bool same = p->pid == head->pid && p->start_ticks == head->start_ticks;
    bool below = head->root_pid == head->pid ? p->root_pid == head->pid : p->parent_pid == head->pid;
    if (same)
        return images && p->started_ns != head->started_ns;
    return below && (images || p->started_ns >= head->started_ns);
}

static bool read_child(struct child *c, const struct place *p)
{
    struct ledger l;
    struct findings f;
    char why[256];
    if (ledger_open(&l, p->path, why, sizeof why) != 0)
        return false;
    struct process process = process_of(&l.head);
    bool judged = findings_of(&f, &l, &l.head, &process, false) == 0;
    *c = (struct child){.path = strdup(p->path),
                        .pid = p->pid,
                        .growing = judged ? f.growing : 0,
                        .age_ms = process.age_ms,
                        .ended = !process.alive && process.end == PROCESS_EXITED};
    memcpy(c->program, p->program, sizeof c->program);
    if (judged)
        findings_free(&f);
    ledger_close(&l);
    return c->path != NULL;
}

struct children children_of(const struct ledger_header *head, bool images)
{
    struct children c = {.recorded = head->forked};
    struct places places = places_list();
    c.items = calloc(places.count + 1, sizeof *c.items);
    for (uint32_t i = 0; c.items && i < places.count; i++) {
        if (!is_child(&places.items[i], head, images) || !read_child(&c.items[c.count], &places.items[i]))
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
        if (c.items[i].ended && !c.items[i].growing)
            unlink(c.items[i].path);
    children_free(&c);
}
