/* See crowds.h. */
#include "crowds.h"

#include <stdlib.h>
#include <string.h>

#define MOST_MEMBERS (UINT32_C(1) << 20)
/* In the second half of the run, of what was there at the end of the first. */
#define LEAST_GAIN 0.1
/* Where more than this share of the growth comes of one site, it is that site's business, and its verdict
 * stands. */
#define MOST_SHARE 0.5

/* NULL without memory. */
static struct crowd *crowd_of(struct crowds *crowds, const void *key, size_t length)
{
    struct crowd *c;
    HASH_FIND(hh, crowds->all, key, length, c);
    if (c)
        return c;
    c = calloc(1, sizeof *c);
    if (c)
        c->key = malloc(length + 1);
    if (!c || !c->key) {
        free(c);
        return NULL;
    }
    memcpy(c->key, key, length);
    c->key[length] = '\0';
    HASH_ADD_KEYPTR(hh, crowds->all, c->key, length, c);
    return c;
}

static bool make_room(struct crowd *c)
{
    uint32_t room = c->room ? c->room * 2 : 4;
    struct member *members = realloc(c->members, room * sizeof *members);
    if (!members)
        return false;
    c->members = members;
    c->room = room;
    return true;
}

bool crowds_join(struct crowds *crowds, const void *key, size_t length, struct member member,
                 uint32_t distance)
{
    if (crowds->members == MOST_MEMBERS)
        return true;
    struct crowd *c = crowd_of(crowds, key, length);
    if (!c)
        return false;
    if (c->count && c->members[c->count - 1].life == member.life)
        return true; /* recursive */
    if (c->count == c->room && !make_room(c))
        return false;
    c->members[c->count++] = member;
    c->distance += distance;
    crowds->members++;
    return true;
}

void crowds_free(struct crowds *crowds)
{
    struct crowd *c, *next;
    HASH_ITER(hh, crowds->all, c, next)
    {
        HASH_DEL(crowds->all, c);
        free(c->key);
        free(c->members);
        free(c);
    }
    crowds->members = 0;
}

/* Lows are added up, and those of long windows are lower than what all held at one time. They have grown if
 * the least that they can hold now is more than the most that they can have held half-way. */
bool crowd_has_grown(const struct crowd *crowd)
{
    double now = 0, then = 0, all = 0, most = 0;
    for (uint32_t m = 0; m < crowd->count; m++) {
        const struct life *life = crowd->members[m].life;
        double last = life->low[LIFE_SLOTS - 1], gained = last > life->low[0] ? last - life->low[0] : 0;
        if (life->taken)
            continue;
        now += last;
        then += life->high_then;
        all += gained;
        most = gained > most ? gained : most;
    }
    return now > then * (1 + LEAST_GAIN) && most <= MOST_SHARE * all;
}
