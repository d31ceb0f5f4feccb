/* The system calls the guest makes, raw: no errno, no interposition, no cancellation point.
 * Each returns what the kernel returned: -errno on failure. Only what is used stands here. */
#ifndef LEAKWATCH_PRELOAD_SYS_H
#define LEAKWATCH_PRELOAD_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "cpu.h"
#include "hints.h"
#include "place.h"
#include "sandbox.h"

static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
    if (unlikely(sandbox_filters) && !sandbox_permits(number, (const long[]){a, b, c, d, e, f}))
        return -EPERM;
    return cpu_syscall(number, a, b, c, d, e, f);
}

#define SYS0(n)             sys_call(n, 0, 0, 0, 0, 0, 0)
#define SYS1(n, a)          sys_call(n, (long)(a), 0, 0, 0, 0, 0)
#define SYS2(n, a, b)       sys_call(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYS3(n, a, b, c)    sys_call(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYS4(n, a, b, c, d) sys_call(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYS6(n, a, b, c, d, e, f)                                                                            \
    sys_call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline bool sys_failed(long result)
{
    return (unsigned long)result > -4096UL;
}

/* Private anonymous zeroed memory, or NULL. Not locked into RAM even under mlockall(MCL_FUTURE):
 * mapped without access, unlocked (in a sandbox it may stay locked), then opened. */
static inline void *sys_memory(size_t bytes)
{
    long at = SYS6(SYS_mmap, place_for(bytes), bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (sys_failed(at))
        return NULL;
    if (!sandboxed)
        SYS2(SYS_munlock, at, bytes);
    if (SYS3(SYS_mprotect, at, bytes, PROT_READ | PROT_WRITE) != 0) {
        SYS2(SYS_munmap, at, bytes);
        return NULL;
    }
    return (void *)at;
}

static inline long sys_open(const char *path, int flags, int mode)
{
    return SYS4(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

static inline long sys_read(long fd, void *buffer, size_t size)
{
    return SYS3(SYS_read, fd, buffer, size);
}

static inline long sys_write(long fd, const void *buffer, size_t size)
{
    return SYS3(SYS_write, fd, buffer, size);
}

static inline void sys_close(long fd)
{
    SYS1(SYS_close, fd);
}

static inline int sys_getpid(void)
{
    return (int)SYS0(SYS_getpid);
}

static inline int sys_gettid(void)
{
    return (int)SYS0(SYS_gettid);
}

/* All signals off but SIGSYS, which only a sandbox sends, for a system call of this very thread: its handler
 * must answer, or the process ends. *before gets the mask for sys_signals_back. Kernel masks are 8 bytes.
 * False: a filter of the program's is against it. */
static inline bool sys_signals_off(uint64_t *before)
{
    uint64_t all = ~(UINT64_C(1) << (SIGSYS - 1));
    return SYS4(SYS_rt_sigprocmask, SIG_SETMASK, &all, before, 8) == 0;
}

static inline void sys_signals_back(const uint64_t *before)
{
    SYS4(SYS_rt_sigprocmask, SIG_SETMASK, before, 0, 8);
}

#endif
