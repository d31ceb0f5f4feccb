/* Our own memory: anonymous mappings that show whose they are and stay out of the way. */
#ifndef LEAKWATCH_PRELOAD_MEMORY_H
#define LEAKWATCH_PRELOAD_MEMORY_H

#include "sys.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA           0x53564d41 /* Linux 5.17, CONFIG_ANON_VMA_NAME */
#define PR_SET_VMA_ANON_NAME 0
#endif

/* Zeroed memory, not in core dumps, never huge pages (tables are sparse), named in /proc/PID/maps
 * (not in a sandbox: its memory is then taken for the program's).
 * forgets: reads as zero in a forked child, which is how a child notices that it is one and starts
 * with nothing inherited. NULL when there is none. Advice that the kernel refuses is no failure, but
 * for MADV_WIPEONFORK, which life.c replaces by comparing pids on the slow path. */
static inline void *memory_map(size_t bytes, bool forgets)
{
    void *at = sys_memory(bytes);
    if (!at)
        return NULL;
    SYS3(SYS_madvise, at, bytes, MADV_DONTDUMP);
    SYS3(SYS_madvise, at, bytes, MADV_NOHUGEPAGE);
    if (forgets)
        SYS3(SYS_madvise, at, bytes, MADV_WIPEONFORK);
    if (!sandboxed)
        sys_call(SYS_prctl, PR_SET_VMA, PR_SET_VMA_ANON_NAME, (long)at, (long)bytes, (long)"leakwatch", 0);
    return at;
}

#endif
