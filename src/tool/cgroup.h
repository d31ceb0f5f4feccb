/* Cgroup: which memory limit does the control group of a process set, and how much of it is used? */
#ifndef LEAKWATCH_TOOL_CGROUP_H
#define LEAKWATCH_TOOL_CGROUP_H

#include <stdint.h>
#include <sys/types.h>

struct cgroup_memory {
    uint64_t limit_bytes; /* of the group or the ancestor with the least room; 0 = none */
    uint64_t used_bytes;  /* of that group, page cache that can be given back not counted */
};

/* Version 2 and 1. All 0 when nothing limits it or nothing is known. */
struct cgroup_memory cgroup_memory_of(pid_t pid);

#endif
