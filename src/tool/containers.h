/* Containers: arrays and tables that grow because what they hold does. One leak then has two sites: the
 * elements, and the array of pointers to them, which realloc doubles. They are told together.
 */
#ifndef LEAKWATCH_TOOL_CONTAINERS_H
#define LEAKWATCH_TOOL_CONTAINERS_H

struct report;

/* Marks the growing sites (finding->holds) that are containers of another one's blocks: few blocks that were
 * replaced again and again, as many bytes as so many pointers or small entries take, and a common caller
 * nearby. */
void containers_find(struct report *r);

#endif
