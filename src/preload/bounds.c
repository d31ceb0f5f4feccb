/* See bounds.h.
 *
 * Deliberate imperfection: stacks that lie in malloc'ed memory may be unmapped by free without a call
 * that we see, and glibc unmaps the stacks of ended threads by itself. A stale entry then needs a new,
 * shorter stack inside the old range *and* a walk that runs over that stack's top (its end unmarked) to
 * read beside it. Entries of pthreads are therefore used by the same thread pointer only, and frame
 * pointer steps are kept short (capture.c).
 */
#include "bounds.h"

#include <errno.h>
#include <stdbool.h>

#include "sys.h"

#define KNOWN      64 /* stacks remembered; a thread keeps its own in its walk anyway */
#define PAGE       ((uintptr_t)4096)
#define MAIN_LEAST ((uintptr_t)128 << 20) /* the kernel keeps mappings this far below the main stack */
#define MAIN_MOST  ((uintptr_t)1 << 40)   /* an RLIMIT_STACK beyond it is as good as unlimited */

uint32_t bounds_generation;
extern void *__libc_stack_end; /* ld.so: the initial stack pointer of the process */

/* A stack found in the maps. Written under `reading`, read by anyone: sequence is odd while it changes. */
struct known {
    uint32_t sequence;
    uintptr_t tp; /* thread pointer that it belongs to; 0 = any thread may run on it */
    uintptr_t lo, hi;
};
static struct known known[KNOWN];
static uint32_t turn;    /* entry to be replaced next; under `reading` */
static uint32_t reading; /* 1: somebody reads the maps (or changes `known`) */
static bool no_maps;     /* /proc is not there: never asked again */
static struct stack main_stack;
static char text[4096]; /* of the maps; under `reading` */

static struct stack main_bounds(void);
static bool recall(uintptr_t sp, uintptr_t tp, struct stack *found);
static struct stack look_up(uintptr_t sp, uintptr_t tp);

struct stack bounds_of(uintptr_t sp)
{
    struct stack found = main_bounds();
    if (sp >= found.lo && sp < found.hi)
        return found;
    uintptr_t tp = cpu_thread_pointer();
    if (recall(sp, tp, &found))
        return found;
    return look_up(sp, tp);
}

/* RLIMIT_STACK as it is at the first call; for "unlimited" (no gap is promised then) 128 MiB. What
 * lies lower is not lost: it is found in the maps. Computed by whoever comes first, always the same. */
static struct stack main_bounds(void)
{
    uintptr_t hi = __atomic_load_n(&main_stack.hi, __ATOMIC_ACQUIRE);
    if (hi)
        return (struct stack){.lo = main_stack.lo, .hi = hi};
    uint64_t limit[2] = {0, 0};
    SYS4(SYS_prlimit64, 0, 3 /* RLIMIT_STACK */, 0, limit);
    uintptr_t size = limit[0] > MAIN_LEAST && limit[0] < MAIN_MOST ? limit[0] : MAIN_LEAST;
    hi = ((uintptr_t)__libc_stack_end + PAGE - 1) & ~(PAGE - 1);
    __atomic_store_n(&main_stack.lo, hi - size, __ATOMIC_RELAXED);
    __atomic_store_n(&main_stack.hi, hi, __ATOMIC_RELEASE); /* acquired above */
    return (struct stack){.lo = hi - size, .hi = hi};
}

static bool recall(uintptr_t sp, uintptr_t tp, struct stack *found)
{
    for (uint32_t i = 0; i < KNOWN; i++) {
        const struct known *k = known + i;
        uint32_t sequence = __atomic_load_n(&k->sequence, __ATOMIC_ACQUIRE);
        uintptr_t lo = __atomic_load_n(&k->lo, __ATOMIC_RELAXED);
        uintptr_t hi = __atomic_load_n(&k->hi, __ATOMIC_RELAXED);
        uintptr_t owner = __atomic_load_n(&k->tp, __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (sp < lo || sp >= hi || (owner && owner != tp) || (sequence & 1) ||
            sequence != __atomic_load_n(&k->sequence, __ATOMIC_RELAXED))
            continue;
        *found = (struct stack){.lo = lo, .hi = hi};
        return true;
    }
    return false;
}

static void write_known(struct known *k, uintptr_t tp, struct stack stack)
{
    __atomic_store_n(&k->sequence, k->sequence + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE); /* odd before any field changes */
    __atomic_store_n(&k->tp, tp, __ATOMIC_RELAXED);
    __atomic_store_n(&k->lo, stack.lo, __ATOMIC_RELAXED);
    __atomic_store_n(&k->hi, stack.hi, __ATOMIC_RELAXED);
    __atomic_store_n(&k->sequence, k->sequence + 1, __ATOMIC_RELEASE); /* acquired in recall */
}

static bool take_turn(void)
{
    for (int tries = 0; tries < SYS_TRIES; tries++) {
        if (__atomic_exchange_n(&reading, 1, __ATOMIC_ACQUIRE) == 0)
            return true;
        sys_wait_a_little(tries);
    }
    return false;
}

static void end_turn(void)
{
    __atomic_store_n(&reading, 0, __ATOMIC_RELEASE);
}

/* Where the reader is in a line of the maps: "start-end rwxp offset ..." */
struct parser {
    uintptr_t number, start, end;
    enum { IN_START, IN_END, AT_ACCESS, IN_REST } place;
};

/* Takes one character; true when a line's range and its first access letter are known. */
static bool parse(struct parser *p, char c)
{
    if (c == '\n') {
        *p = (struct parser){.place = IN_START};
        return false;
    }
    switch (p->place) {
    case IN_START:
    case IN_END:
        if (c == '-' || c == ' ') {
            *(p->place == IN_START ? &p->start : &p->end) = p->number;
            p->number = 0;
            p->place++;
        } else {
            p->number = p->number << 4 | (uintptr_t)(c <= '9' ? c - '0' : c - 'a' + 10);
        }
        return false;
    case AT_ACCESS:
        p->place = IN_REST;
        return true;
    case IN_REST:
        return false;
    }
    return false;
}

/* The readable mapping that holds sp. Maps are in order, so the first that ends above sp decides. */
static struct stack find_in_maps(long fd, uintptr_t sp)
{
    struct parser p = {.place = IN_START};
    for (;;) {
        long got = sys_read(fd, text, sizeof text);
        if (got == -EINTR)
            continue;
        if (got <= 0)
            return (struct stack){0, 0};
        for (long i = 0; i < got; i++) {
            if (!parse(&p, text[i]) || sp >= p.end)
                continue;
            if (sp < p.start || text[i] != 'r')
                return (struct stack){0, 0};
            return (struct stack){.lo = p.start, .hi = p.end};
        }
    }
}

static struct stack read_maps(uintptr_t sp)
{
    long fd = sys_open("/proc/self/maps", O_RDONLY, 0);
    if (sys_failed(fd)) {
        no_maps = fd == -ENOENT || fd == -EACCES || fd == -ENOSYS;
        return (struct stack){0, 0};
    }
    struct stack found = find_in_maps(fd, sp);
    sys_close(fd);
    return found;
}

/* With all signals off: a handler that jumps out of here would leave `reading` set for good. */
static struct stack look_up(uintptr_t sp, uintptr_t tp)
{
    struct stack found = {0, 0};
    uint64_t signals;
    if (__atomic_load_n(&no_maps, __ATOMIC_RELAXED))
        return found;
    sys_signals_off(&signals);
    if (take_turn()) {
        found = read_maps(sp);
        bool own = found.hi && tp > sp && tp < found.hi;
        if (own)
            found.hi = tp & ~(uintptr_t)7;
        if (found.hi)
            write_known(known + turn++ % KNOWN, own ? tp : 0, found);
        end_turn();
    }
    sys_signals_back(&signals);
    return found;
}

/* `reading` may be held: then the entry that the holder is about to write was read before the memory
 * went, and the generation tells its user to look again. */
void bounds_forget(uintptr_t start, size_t bytes)
{
    for (uint32_t i = 0; i < KNOWN; i++) {
        struct known *k = known + i;
        uintptr_t lo = __atomic_load_n(&k->lo, __ATOMIC_RELAXED);
        uintptr_t hi = __atomic_load_n(&k->hi, __ATOMIC_RELAXED);
        if (start >= hi || start + bytes <= lo)
            continue;
        __atomic_store_n(&k->hi, 0, __ATOMIC_RELAXED);
        __atomic_fetch_add(&bounds_generation, 1, __ATOMIC_RELEASE);
    }
}

void bounds_forked(void)
{
    end_turn();
    for (uint32_t i = 0; i < KNOWN; i++)
        if (known[i].sequence & 1)
            known[i] = (struct known){.sequence = 0};
}
