/* Region map: disjoint address ranges in ascending order, in one array.
 *
 * Only a container: it knows no site and no charge (regions.c does). One owner at a time.
 * The array has its free room as a gap where the last change was (a gap buffer), because changes come
 * in runs: the kernel hands out addresses downwards, so a program that maps and maps always inserts
 * next to its last mapping, and nothing has to be shifted.
 *
 *     [ r0 r1 r2 | ............ gap ............ | r3 r4 ]      count 5, gap 3
 */
#ifndef LEAKWATCH_PRELOAD_REGION_MAP_H
#define LEAKWATCH_PRELOAD_REGION_MAP_H

#include <stdbool.h>
#include <stdint.h>

struct region {
    uintptr_t start, end; /* page aligned */
    uint32_t site;        /* whom it is charged to; of no meaning when block is 0 */
    uint32_t block;       /* the counted block it is a part of, 0 = a reservation, not charged */
    uint32_t mapping;     /* the call that mapped it: regions of different calls never melt together */
    uint32_t reserved;
};

/* Four times the kernel's own default (vm.max_map_count 65530), because the kernel melts neighbours
 * together and we do not. 8 MiB of address space when full. */
#define REGION_MAP_MAX (1u << 18)

struct region_map {
    struct region *array; /* NULL until the first insertion */
    uint32_t capacity;
    uint32_t count;
    uint32_t gap; /* index of the first region behind the gap */
};

/* Index of the first region that ends above address; count when there is none. */
uint32_t region_map_find(const struct region_map *map, uintptr_t address);

/* The region of an index below count. Good until the next change. */
static inline struct region *region_map_at(const struct region_map *map, uint32_t index)
{
    return &map->array[index < map->gap ? index : index + (map->capacity - map->count)];
}

/* Puts a copy of *r before index. False when there is no memory or no room; nothing is changed then. */
bool region_map_insert(struct region_map *map, uint32_t index, const struct region *r);
/* Takes n regions away. */
void region_map_remove(struct region_map *map, uint32_t index, uint32_t n);

#endif
