/* Preloaded into real programs: at random allocations, is our walk the same as libunwind's own?
 *
 * Interposes malloc, calloc and realloc, and at about every UNWIND_COMPARE_GAP-th call (default 97) compares
 * capture_raw() with unw_backtrace() of libunwind.so.8, frame for frame, from the hook's caller to the
 * root. At exit one line is appended to the file UNWIND_COMPARE_OUT names:
 *
 *     compared 4210 differed 0 guessed 0 frames 63150 program cc1
 *
 * and before it the first differences in full. "guessed" are walks that agree up to a frame that no unwind
 * table covers: there libunwind goes on by its own heuristics, without the checks that a walk inside malloc
 * needs, and so neither answer is the right one by definition. They are counted, not hidden; the test
 * bounds them.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libunwind.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "modules.h"
#include "rules.h"

#define EXPORT        __attribute__((visibility("default")))
#define FRAMES        240
#define OWN_FRAMES    16    /* of libunwind and of ours, above the hook's caller */
#define MOST_COMPARED 20000 /* keeps a test with long runs short: libunwind locks and searches */
#define MOST_SHOWN    5

static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static int (*backtrace_of)(void **, int);
static int (*proc_info_of)(unw_addr_space_t, unw_word_t, unw_proc_info_t *, void *);
static unw_addr_space_t local_space;

static __thread int inside;
static int busy; /* one comparison at a time: the walk and the arrays are static */
static int ready;
static int owner; /* pid: forked children keep out, libunwind's own locks may be held there */
static long gap = 97, countdown = 1;
static uint64_t random_state;
static unsigned long compared, differed, guessed, frames_total, shown;
static int report = -1;

static struct walk walk;
static uintptr_t ours[FRAMES];
static void *theirs[FRAMES + OWN_FRAMES];

static long next_gap(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return 1 + (long)(random_state % (uint64_t)(2 * gap));
}

static __attribute__((format(printf, 1, 2))) void say(const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length > 0 && write(report, line, (size_t)length) < 0)
        return;
}

static void say_frame(const char *whose, uintptr_t pc)
{
    Dl_info info;
    if (dladdr((void *)pc, &info) && info.dli_fname)
        say(" %s %s+%#lx %s", whose, info.dli_fname, (unsigned long)(pc - (uintptr_t)info.dli_fbase),
            info.dli_sname ? info.dli_sname : "");
    else
        say(" %s %#lx", whose, (unsigned long)pc);
}

static void show(uint32_t n, uint32_t from, uint32_t m)
{
    if (shown++ >= MOST_SHOWN)
        return;
    say("difference %lu: ours %u frames, theirs %u; rule of our last %#x\n", shown, n, m - from,
        rules_find(ours[n - 1], module_epoch));
    for (uint32_t i = 0; i < n || from + i < m; i++) {
        say("  %2u", i);
        if (i < n)
            say_frame("ours", ours[i]);
        if (from + i < m)
            say_frame("| theirs", (uintptr_t)theirs[from + i]);
        say("\n");
    }
}

/* Ours are return addresses less 1, or exact below a signal frame; theirs are as they are. */
static int same_pc(uintptr_t our, void *their)
{
    return our + 1 == (uintptr_t)their || our == (uintptr_t)their;
}

static int no_table(uintptr_t pc)
{
    unw_proc_info_t info;
    return proc_info_of(local_space, pc, &info, NULL) != 0;
}

static void judge(uint32_t n, uint32_t m, uintptr_t caller)
{
    uint32_t from = 0, i = 0;
    while (from < m && (uintptr_t)theirs[from] != caller)
        from++;
    while (i < n && from + i < m && same_pc(ours[i], theirs[from + i]))
        i++;
    compared++;
    frames_total += i;
    if ((i == n && from + i == m) || i == FRAMES)
        return;
    if (i > 0 && no_table(ours[i - 1])) {
        guessed++;
        return;
    }
    differed++;
    show(n, from, m);
}

static __attribute__((noinline)) void compare(const struct caller *who)
{
    int before = errno;
    if (getpid() == owner && compared < MOST_COMPARED && !__atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE)) {
        int m = backtrace_of(theirs, FRAMES + OWN_FRAMES);
        uint32_t n = capture_raw(&walk, who, ours, FRAMES);
        judge(n, m > 0 ? (uint32_t)m : 0, who->ra);
        __atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
    }
    errno = before;
}

static inline __attribute__((always_inline)) void consider(const void *frame)
{
    if (!ready || inside || __atomic_sub_fetch(&countdown, 1, __ATOMIC_RELAXED) > 0)
        return;
    inside = 1;
    __atomic_store_n(&countdown, next_gap(), __ATOMIC_RELAXED);
    struct caller who = cpu_caller(frame);
    compare(&who);
    inside = 0;
}

/* dlsym allocates only when it fails, and these are always found. */
static void find_next(void)
{
    *(void **)&next_calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&next_realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&next_malloc = dlsym(RTLD_NEXT, "malloc");
}

EXPORT void *malloc(size_t size)
{
    if (!next_malloc)
        find_next();
    consider(__builtin_frame_address(0));
    return next_malloc(size);
}

EXPORT void *calloc(size_t n, size_t size)
{
    if (!next_calloc)
        find_next();
    consider(__builtin_frame_address(0));
    return next_calloc(n, size);
}

EXPORT void *realloc(void *p, size_t size)
{
    if (!next_realloc)
        find_next();
    consider(__builtin_frame_address(0));
    return next_realloc(p, size);
}

static __attribute__((constructor)) void begin(void)
{
    const char *out = getenv("UNWIND_COMPARE_OUT"), *wish = getenv("UNWIND_COMPARE_GAP");
    inside = 1;
    void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
    if (out && library && !capture_init()) {
        *(void **)&backtrace_of = dlsym(library, "unw_backtrace");
        *(void **)&proc_info_of = dlsym(library, "_ULx86_64_get_proc_info_by_ip");
        void *space = dlsym(library, "_ULx86_64_local_addr_space");
        if (backtrace_of && proc_info_of && space) {
            memcpy(&local_space, space, sizeof local_space);
            report = open(out, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
            report = fcntl(report, F_DUPFD_CLOEXEC, 900); /* away from the numbers that programs use */
            gap = wish && atol(wish) > 0 ? atol(wish) : gap;
            owner = getpid();
            random_state = (uint64_t)owner * UINT64_C(0x9e3779b97f4a7c15) | 1;
            ready = report >= 0;
        }
    }
    inside = 0;
}

static __attribute__((destructor)) void end(void)
{
    if (!ready || getpid() != owner)
        return;
    ready = 0;
    char name[64] = "?";
    int comm = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
    ssize_t length = comm < 0 ? 0 : read(comm, name, sizeof name - 1);
    if (length > 0)
        name[length - 1] = 0;
    say("compared %lu differed %lu guessed %lu frames %lu program %s\n", compared, differed, guessed,
        frames_total, name);
}
