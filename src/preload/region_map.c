/* Region map (region_map.h). */
#include "region_map.h"

#include <string.h>

#include "sys.h"

/* 4 KiB: most programs map only a few hundred times. */
#define REGION_MAP_FIRST 128u

uint32_t region_map_find(const struct region_map *map, uintptr_t address)
{
    uint32_t low = 0, high = map->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (region_map_at(map, middle)->end > address)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static size_t bytes(uint32_t regions)
{
    return regions * sizeof(struct region);
}

static void move_gap(struct region_map *map, uint32_t index)
{
    uint32_t room = map->capacity - map->count;
    if (index < map->gap)
        memmove(map->array + index + room, map->array + index, bytes(map->gap - index));
    else
        memmove(map->array + map->gap, map->array + map->gap + room, bytes(index - map->gap));
    map->gap = index;
}

/* Twice the room. The gap stays where it is and becomes wider. */
static bool grow(struct region_map *map)
{
    uint32_t capacity = map->capacity ? 2 * map->capacity : REGION_MAP_FIRST;
    if (capacity > REGION_MAP_MAX)
        return false;
    struct region *array = sys_memory(bytes(capacity));
    if (!array)
        return false;
    /* A forked child knows nothing of these regions: its copy is not worth a page table. */
    SYS3(SYS_madvise, array, bytes(capacity), MADV_WIPEONFORK);
    if (map->array) {
        uint32_t behind = map->count - map->gap;
        memcpy(array, map->array, bytes(map->gap));
        memcpy(array + capacity - behind, map->array + map->capacity - behind, bytes(behind));
        SYS2(SYS_munmap, map->array, bytes(map->capacity));
    }
    map->array = array;
    map->capacity = capacity;
    return true;
}

bool region_map_insert(struct region_map *map, uint32_t index, const struct region *r)
{
    if (map->count == map->capacity && !grow(map))
        return false;
    move_gap(map, index);
    map->array[map->gap++] = *r;
    map->count++;
    return true;
}

void region_map_remove(struct region_map *map, uint32_t index, uint32_t n)
{
    move_gap(map, index + n);
    map->gap -= n;
    map->count -= n;
}
