/* See loss.h. */
#include "loss.h"

#include <stddef.h>

static const struct {
    const char *name, *text;
} losses[LOSS_RANGE] = {
    [LOSS_NESTED] = {"nested", "allocations inside another allocation call, or in a signal handler that "
                               "interrupted one"},
    [LOSS_EARLY] = {"early", "stacks of one frame, taken before the unwinder was loaded"},
    [LOSS_LEARN_BUSY] = {"learn_busy", "stacks cut because another thread was learning a frame rule"},
    [LOSS_LEARN_BARRED] = {"learn_barred",
                           "stacks cut in a child that was forked while a frame rule was learnt"},
    [LOSS_NO_BOUNDS] = {"no_bounds", "stacks cut where their bounds were not known"},
    [LOSS_DEPTH] = {"depth", "stacks cut at the greatest depth"},
    [LOSS_SITES_FULL] = {"sites_full", "events charged to (untracked): no room for more sites"},
    [LOSS_HISTORY_FULL] = {"history_full", "sites without a history: no room for more"},
    [LOSS_BLOCK_FULL] = {"block_full", "events not recorded: no room for another thread's counters"},
    [LOSS_MODULES_FULL] = {"modules_full", "frames kept by address: no room for more modules"},
    [LOSS_LEDGER_GROW] = {"ledger_grow", "times the ledger could not grow (disk full or a limit)"},
    [LOSS_LIVE_MEMORY] = {"live_memory", "blocks not followed: no memory for the live table"},
    [LOSS_LIVE_OCCUPIED] = {"live_occupied", "blocks that appeared where another was still live"},
    [LOSS_LIVE_RANGE] = {"live_range", "blocks at addresses beyond 47 bits"},
    [LOSS_UNKNOWN_FREE] = {"unknown_free", "frees of blocks that were never seen"},
    [LOSS_MMAP_QUEUE] = {"mmap_queue", "mmap events dropped: queue full"},
    [LOSS_MMAP_FULL] = {"mmap_full", "mappings not followed: region map full"},
    [LOSS_PROMOTED] = {"promoted", "times a child's ledger became a file while it ran: counts in flight"},
    [LOSS_SANDBOX] = {"sandbox", "stacks cut and samples not taken: the program's own seccomp filter allows "
                                 "no calls for them"},
    [LOSS_MARKS_FULL] = {"marks_full", "phases or thread names counted together: no room for more names"},
    [LOSS_MODULE_PATH] = {"module_path", "modules without a path: their frames have no names"},
};

const char *loss_name(enum loss kind)
{
    return (unsigned)kind < LOSS_RANGE ? losses[kind].name : NULL;
}

const char *loss_text(enum loss kind)
{
    return (unsigned)kind < LOSS_RANGE ? losses[kind].text : NULL;
}
