/* See bounds.h.
 *
 * Deliberate imperfection: stacks that lie in malloc'ed memory may be unmapped by free without a call
 * that we see, and glibc unmaps the stacks of ended threads by itself. A stale entry then needs a new,
 * shorter stack inside the old range *and* a walk that runs over that stack's top (its end unmarked) to
 * read beside it. Entries of pthreads are therefore used by the same thread pointer only, and frame
 * pointer steps are kept short (capture.c).
 */
#include "bounds.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>

#include "sys.h"
#include "trylock.h"

#define KNOWN      64 /* stacks remembered; a thread keeps its own in its walk anyway */
#define PAGE       ((uintptr_t)4096)
#define OWN_MOST   ((uintptr_t)256 << 20) /* used part of a thread's stack, tried once: 5 ms */
#define REACH      ((uintptr_t)4 << 20)   /* upwards, of other stacks: 0.1 ms; what goes on beyond is cut */
#define LOOKS      4                      /* at most, while others unmap */
#define REACH_DOWN ((uintptr_t)64 << 10)  /* downwards: saves looking again when they grow */

/* Weak: glibc has it since 2.35. */
extern __typeof__(_dl_find_object) _dl_find_object __attribute__((weak));

uint32_t bounds_generation;
extern void *__libc_stack_end; /* ld.so: the initial stack pointer of the process */

/* A stack that was found. Written under `reading`, read by anyone: sequence is odd while it changes. */
struct known {
    uint32_t sequence;
    uintptr_t tp; /* thread pointer that it belongs to; 0 = any thread may run on it */
    uintptr_t lo, hi;
};
static struct known known[KNOWN];
static uint32_t turn;          /* entry to be replaced next; under `reading` */
static struct trylock reading; /* somebody looks for a stack (or changes `known`) */
static uint32_t forgets; /* how often something was forgotten: who found a stack meanwhile looks again */

/* The lowest page of the main stack that was tried, and in the bits below a page how often it was forgotten:
 * who looks while somebody else forgets must not write what it found. 0: nobody has looked yet. */
static uintptr_t main_lo;

static struct stack main_bounds(uintptr_t sp);
static bool grow_main(uintptr_t sp, struct stack *found);
static bool recall(uintptr_t sp, uintptr_t tp, struct stack *found);
static struct stack look_up(uintptr_t sp, uintptr_t tp);

struct stack bounds_of(uintptr_t sp)
{
    struct stack found = main_bounds(sp);
    if (found.hi)
        return found;
    uintptr_t tp = cpu_thread_pointer();
    if (recall(sp, tp, &found) || grow_main(sp, &found))
        return found;
    return look_up(sp, tp);
}

static uintptr_t main_top(void)
{
    return ((uintptr_t)__libc_stack_end + PAGE - 1) & ~(PAGE - 1);
}

static struct stack main_bounds(uintptr_t sp)
{
    uintptr_t lo = __atomic_load_n(&main_lo, __ATOMIC_ACQUIRE) & ~(PAGE - 1), hi = main_top();
    if (!lo || sp < lo || sp >= hi)
        return (struct stack){0, 0};
    return (struct stack){.lo = lo, .hi = hi};
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

/* May this page be read? The kernel copies a signal mask from there before it finds that there is no such
 * operation on masks: no descriptor, no fault, nothing changed, and a call that every filter of system calls
 * allows. Not from the page's first word: at address 0 there would be no mask to copy. */
static bool readable(uintptr_t page)
{
    return SYS4(SYS_rt_sigprocmask, ~0, page + 8, NULL, 8) == -EINVAL;
}

/* The object that an address belongs to: a stack may be one of its variables. NULL: none. Under `reading`. */
static const void *owner(uintptr_t address)
{
    static struct dl_find_object found; /* not on the program's stack */
    return _dl_find_object && _dl_find_object((void *)address, &found) == 0 ? found.dlfo_link_map : NULL;
}

/* The end of what may be read upwards from page, at most `most`. */
static uintptr_t readable_up(uintptr_t page, uintptr_t most)
{
    while (page < most && readable(page))
        page += PAGE;
    return page < most ? page : most;
}

/* Nothing is taken for granted below what was tried before: RLIMIT_STACK says how far the stack may grow, not
 * what is there, and a signal may have interrupted anything. A call for each new page, once. */
static bool grow_main(uintptr_t sp, struct stack *found)
{
    uintptr_t page = sp & ~(PAGE - 1), hi = main_top();
    uintptr_t before = __atomic_load_n(&main_lo, __ATOMIC_ACQUIRE);
    uintptr_t lo = before & ~(PAGE - 1), forgotten = before & (PAGE - 1);
    if (!lo)
        lo = hi;
    if (page >= lo || lo - page > OWN_MOST || readable_up(page, lo) < lo)
        return false;
    *found = (struct stack){.lo = page, .hi = hi};
    return __atomic_compare_exchange_n(&main_lo, &before, page | forgotten, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

/* The thread's own stack ends at its thread pointer. What an earlier look found there is not tried again. */
static struct stack own_stack(uintptr_t page, uintptr_t tp)
{
    uintptr_t top = tp & ~(uintptr_t)7, from = top;
    for (uint32_t i = 0; i < KNOWN; i++)
        if (known[i].tp == tp && known[i].hi == top && known[i].lo > page && known[i].lo < from)
            from = known[i].lo;
    if (readable_up(page, from) < from)
        return (struct stack){0, 0};
    return (struct stack){.lo = page, .hi = top};
}

/* Whatever lies around, but not from one object into another: they may go without a word. */
static struct stack any_stack(uintptr_t page)
{
    const void *whose = owner(page);
    uintptr_t lo = page, hi = page;
    while (hi - page < REACH && readable(hi) && owner(hi) == whose)
        hi += PAGE;
    if (hi == page)
        return (struct stack){0, 0};
    while (page - lo < REACH_DOWN && readable(lo - PAGE) && owner(lo - PAGE) == whose)
        lo -= PAGE;
    return (struct stack){.lo = lo, .hi = hi};
}

/* Around sp; own: by the thread that it belongs to. */
static struct stack probe(uintptr_t sp, uintptr_t tp, bool *own)
{
    struct stack found = {0, 0};
    uintptr_t page = sp & ~(PAGE - 1);
    if (tp > sp && tp - sp < OWN_MOST && sys_gettid() != sys_getpid())
        found = own_stack(page, tp);
    *own = found.hi != 0;
    return *own ? found : any_stack(page);
}

/* What is unmapped while it is found: either who forgets it sees the entry, or we see that somebody forgot
 * something, and, if it was this, that it is gone. */
static struct stack probe_and_keep(uintptr_t sp, uintptr_t tp)
{
    struct known *k = known + turn++ % KNOWN;
    for (int tries = 0; tries < LOOKS; tries++) {
        bool own;
        uint32_t before = __atomic_load_n(&forgets, __ATOMIC_SEQ_CST);
        struct stack found = probe(sp, tp, &own);
        if (!found.hi)
            break;
        write_known(k, own ? tp : 0, found);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (before == __atomic_load_n(&forgets, __ATOMIC_SEQ_CST) ||
            readable_up(found.lo, found.hi) == found.hi)
            return found;
    }
    write_known(k, 0, (struct stack){0, 0});
    return (struct stack){0, 0};
}

/* With all signals off: a handler that jumps out of here would leave `reading` set for good. */
static struct stack look_up(uintptr_t sp, uintptr_t tp)
{
    struct stack found = {0, 0};
    uint64_t signals;
    if (!sys_signals_off(&signals))
        return found;
    if (trylock_take(&reading, 1)) {
        found = probe_and_keep(sp, tp);
        trylock_leave(&reading);
    }
    sys_signals_back(&signals);
    return found;
}

static void forget_main(uintptr_t start, size_t bytes)
{
    uintptr_t before = __atomic_load_n(&main_lo, __ATOMIC_ACQUIRE);
    uintptr_t lo = before & ~(PAGE - 1), hi = main_top();
    if (!lo || start >= hi || start + bytes <= lo)
        return;
    __atomic_store_n(&main_lo, hi | ((before + 1) & (PAGE - 1)), __ATOMIC_RELEASE);
    __atomic_fetch_add(&bounds_generation, 1, __ATOMIC_RELEASE);
}

void bounds_forget(uintptr_t start, size_t bytes)
{
    __atomic_fetch_add(&forgets, 1, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    forget_main(start, bytes);
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
    trylock_leave(&reading);
    for (uint32_t i = 0; i < KNOWN; i++)
        if (known[i].sequence & 1)
            known[i] = (struct known){.sequence = 0};
}
