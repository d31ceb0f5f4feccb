/* Which site owns the block at this address, where few blocks are recorded (sampling)?
 *
 * The shadow of live.h is touched wherever a recorded block ever began: after some hours of sampling that is
 * nearly all of it, twice, with the sizes. Here an address has two buckets of 32 places, chosen by its bits,
 * and lies in any of them: 1.3 MiB for 65,536 blocks (32 GiB that are live, at 512 KiB a sample). Where both
 * are full the shadow takes it.
 *
 * From any thread or signal handler, without a lock: a place is taken by comparing and exchanging its
 * address, and whoever owns the block is the only one to look for it. Forgotten by fork.
 */
#ifndef LEAKWATCH_PRELOAD_SPARSE_H
#define LEAKWATCH_PRELOAD_SPARSE_H

#include <stdbool.h>
#include <stdint.h>

/* Maps the table, before the first block is put. Without memory for it nothing is ever put. */
void sparse_start(void);

/* Enters a block that is not here. False: there is no room, or no table. */
bool sparse_put(const void *p, uint32_t entry, uint64_t size);

/* Takes a block out: its entry and its size, or 0 if it is not here. */
uint32_t sparse_take(const void *p, uint64_t *size);

#endif
