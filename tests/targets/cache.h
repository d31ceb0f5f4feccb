/* A cache from numbers to texts: a fixed table of buckets and a list from newest to oldest entry.
 * The same for memo (never evicts) and lru (evicts the oldest beyond a bound). */
#ifndef LEAKWATCH_TARGET_CACHE_H
#define LEAKWATCH_TARGET_CACHE_H

#include "target.h"

#define BUCKETS 8192u

struct entry {
    struct entry *chain;         /* in its bucket */
    struct entry *newer, *older; /* in the order of use */
    unsigned long key;
    char *text;
};

struct cache {
    struct entry *bucket[BUCKETS];
    struct entry *newest, *oldest;
    unsigned long count, bound;
};

static inline struct entry **cache_slot(struct cache *cache, unsigned long key)
{
    struct entry **slot = &cache->bucket[key % BUCKETS];
    while (*slot && (*slot)->key != key)
        slot = &(*slot)->chain;
    return slot;
}

static inline void cache_evict(struct cache *cache)
{
    struct entry *old = cache->oldest;
    cache->oldest = old->newer;
    if (old->newer)
        old->newer->older = NULL;
    else
        cache->newest = NULL;
    *cache_slot(cache, old->key) = old->chain;
    cache->count--;
    free(old->text);
    free(old);
}

/* An allocator of the program's own: a wrapper, so a site is named after who calls it. */
NAMED static void *xmalloc(size_t size)
{
    void *block = malloc(size);
    if (!block)
        exit(1);
    return block;
}

NAMED static void remember(struct cache *cache, unsigned long key, const char *text)
{
    struct entry *e = xmalloc(sizeof *e);
    *e = (struct entry){.key = key, .older = cache->newest, .text = strdup(text)};
    struct entry **slot = cache_slot(cache, key);
    e->chain = *slot;
    *slot = e;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = e;
    cache->newest = e;
    if (++cache->count > cache->bound)
        cache_evict(cache);
}

NAMED static const char *memoize(struct cache *cache, unsigned long key)
{
    struct entry *known = *cache_slot(cache, key);
    if (known)
        return known->text;
    char text[96];
    snprintf(text, sizeof text, "%080lu", key * key);
    remember(cache, key, text);
    return cache->newest->text;
}

/* Asks for ever new keys (and now and then for the last one again), paced. */
static inline void cache_run(char **argv, unsigned long bound)
{
    static struct cache cache;
    cache.bound = bound;
    unsigned long key = 0;
    struct pace pace = pace_of(argv);
    while (pace_step(&pace))
        for (int i = 0; i < 40; i++)
            memoize(&cache, i % 4 ? ++key : key);
    if (option(argv, "free"))
        while (cache.count)
            cache_evict(&cache);
}

#endif
