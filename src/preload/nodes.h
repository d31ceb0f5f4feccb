/* Nodes: the ledger's prefix tree of stacks. The same frame, called by the same node, is one node: whatever
 * thread asks, and whatever the loader did to addresses in between.
 *
 * Nodes are found by chains: heads in private memory (forgotten by fork), links in the items. Heads come in
 * levels, so that small programs touch little and large ones walk no long chains. A new node goes to the last
 * level there is. Before it does, its chains in the levels below are closed for ever (a bit in the head), so
 * that nobody who has not yet seen the new level adds it there a second time.
 */
#ifndef LEAKWATCH_PRELOAD_NODES_H
#define LEAKWATCH_PRELOAD_NODES_H

#include <stdbool.h>
#include <stdint.h>

/* Memory for the first level; false without it. */
bool nodes_init(void);

#define NODES_LEVELS 4

/* What is looked for, and what its heads held: room for nodes_get, off the program's stack. */
struct nodes_search {
    uint64_t where, hash;
    uint32_t parent;
    uint32_t first[NODES_LEVELS];
    unsigned last; /* level */
};

/* The node of a frame (NODE_* of ledger/layout.h) called by parent; 0: no room, a loss of the caller's.
 * Any thread, lock-free. */
uint32_t nodes_get(struct nodes_search *room, uint32_t parent, uint64_t where);

/* Of all that begins at this node, the sites: where their chain begins. NULL: no memory. */
uint32_t *nodes_sites(uint32_t node);

#endif
