/* Memory: what the process has resident, what limits it, and how much room is left.
 *
 * The one owner of /proc/PID/{statm,smaps,status,limits}, cgroup files and /proc/meminfo. Of a dead process
 * only what its ledger kept is known; what is not known is 0 with its `known` flag off, never a guess.
 */
#ifndef LEAKWATCH_TOOL_MEMORY_H
#define LEAKWATCH_TOOL_MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "layout.h"

enum memory_limit { LIMIT_NONE, LIMIT_CGROUP, LIMIT_ADDRESS_SPACE, LIMIT_MACHINE };

struct memory {
    uint64_t rss_bytes;      /* 0 = not known */
    uint64_t peak_rss_bytes; /* 0 = not known */
    bool anonymous_known;
    uint64_t
        anonymous_bytes; /* resident, private, writable: heap and mappings; no stacks, not the recorder's */
    uint64_t recorder_bytes; /* resident: the recorder's tables and ledger */
    uint64_t shared_bytes;   /* resident in shared mappings, of files or not: no site has them */
    uint32_t thread_stacks;  /* mapped with the default size, in use or not; the main thread's is another */
    uint32_t threads;        /* that run */
    enum memory_limit limit; /* the one that is reached first */
    uint64_t limit_bytes;    /* of LIMIT_CGROUP and LIMIT_ADDRESS_SPACE; the machine's is no limit to name */
    uint64_t room_bytes;     /* until it is reached; 0 with LIMIT_NONE */
};

/* pid: the living process, or 0. here: it died a moment ago as our child: the machine and our control group
 * are what limited it. */
struct memory memory_of(const struct ledger_header *head, pid_t pid, bool here);

#endif
