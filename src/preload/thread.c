/* See thread.h. */
#include "thread.h"

#include <pthread.h>

#include "account.h"
#include "book.h"
#include "hints.h"
#include "memory.h"

/* Most threads that record at once, the rest share site 0: what 1 GiB of ledger holds is fewer. */
#define THREAD_MOST 8192

struct thread thread_nobody;
__thread struct thread *self = &thread_nobody;
__thread struct thread_told told;

static struct thread *workspaces[THREAD_MOST]; /* by block id; stay mapped, wiped by fork */
static pthread_key_t key;
static bool have_key;

static bool owner_alive(int pid, uint32_t tid)
{
    if (sandboxed) /* its block is not used again */
        return true;
    return SYS3(SYS_tgkill, pid, tid, 0) != -3 /* ESRCH */;
}

/* A block that nobody owns, or whose owner ended without saying so (its last events came after the
 * thread's key destructors had run). Looks at no more than a few owners' lives a call. */
static uint32_t reuse(int pid, uint32_t tid)
{
    static uint32_t cursor;
    uint64_t used = __atomic_load_n(&book.head->area[AREA_OWNERS].used, __ATOMIC_ACQUIRE);
    for (uint32_t id = 1; id < used; id++) {
        uint32_t nobody = 0;
        if (__atomic_load_n(book_owner(id), __ATOMIC_RELAXED) == 0 &&
            __atomic_compare_exchange_n(book_owner(id), &nobody, tid, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED))
            return id;
    }
    for (int tries = 0; used > 8 && tries < 4; tries++) {
        uint32_t id = 1 + __atomic_fetch_add(&cursor, 1, __ATOMIC_RELAXED) % (uint32_t)(used - 1);
        uint32_t owner = __atomic_load_n(book_owner(id), __ATOMIC_RELAXED);
        if (owner && owner != tid && !owner_alive(pid, owner) &&
            __atomic_compare_exchange_n(book_owner(id), &owner, tid, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED))
            return id;
    }
    return 0;
}

static uint32_t add(uint32_t tid)
{
    uint32_t block = book_add(AREA_BLOCKS, 1);
    if (!block)
        return 0;
    /* Owners and blocks are numbered alike: both areas only grow here, and a lost race for the owner
     * leaves a block unused, never shared. */
    uint32_t id = book_add(AREA_OWNERS, 1);
    if (!id || id >= __atomic_load_n(&book.head->area[AREA_BLOCKS].used, __ATOMIC_ACQUIRE))
        return 0;
    __atomic_store_n(book_owner(id), tid, __ATOMIC_RELEASE);
    return id;
}

static struct thread *workspace(uint32_t id)
{
    if (id >= THREAD_MOST)
        return NULL;
    if (!workspaces[id])
        workspaces[id] = memory_map(sizeof(struct thread), true);
    return workspaces[id];
}

static void settle_in(struct thread *t, uint32_t id)
{
    /* An earlier owner's stack is none of ours; its counters, though, must not be lost. */
    t->id = id;
    t->block = book_block(id);
    walk_forget(&t->walk);
    memo_forget(&t->memo);
    t->walk.stack = (struct stack){0, 0};
    t->countdown = 0;
    t->stride = 1;
    t->due_ms = 0;
    t->looked_ms = 0;
    t->mark = told.mark;
    account_publish_all(t);
}

COLD struct thread *thread_claim(int pid)
{
    uint32_t tid = (uint32_t)(sys_getpid() == pid ? sys_gettid() : pid);
    uint32_t id = reuse(pid, tid);
    if (!id)
        id = add(tid);
    struct thread *t = id ? workspace(id) : NULL;
    if (!t) {
        if (id)
            __atomic_store_n(book_owner(id), 0, __ATOMIC_RELEASE);
        loss(LOSS_BLOCK_FULL);
        return NULL;
    }
    settle_in(t, id);
    self = t;
    if (have_key)
        pthread_setspecific(key, t);
    return t;
}

/* Key destructor. Destructors that run after it may allocate: they claim a block again, which sets
 * the key again, and the C library comes back here (up to four rounds). */
static void leave(void *value)
{
    struct thread *t = value;
    if (t->id == 0 || t != self)
        return; /* a forked child's inherited value */
    self = &thread_nobody;
    account_publish_all(t);
    account_publish_totals(t);
    __atomic_store_n(book_owner(t->id), 0, __ATOMIC_RELEASE);
}

int64_t thread_unpublished(void)
{
    int64_t sum = 0;
    uint64_t used = __atomic_load_n(&book.head->area[AREA_OWNERS].used, __ATOMIC_ACQUIRE);
    for (uint32_t id = 1; id < used && id < THREAD_MOST; id++)
        if (workspaces[id])
            sum += __atomic_load_n(&workspaces[id]->net, __ATOMIC_RELAXED);
    return sum;
}

bool thread_on_scratch(struct thread *t, void (*work)(void *), void *argument)
{
    uint64_t signals;
    if (unlikely(!sys_signals_off(&signals))) {
        loss(LOSS_SANDBOX);
        return false;
    }
    cpu_call_on_stack(t->scratch + THREAD_SCRATCH, work, argument);
    sys_signals_back(&signals);
    return true;
}

void thread_init(void)
{
    have_key = pthread_key_create(&key, leave) == 0;
    if (have_key && self != &thread_nobody)
        pthread_setspecific(key, self);
}

void thread_forked(void)
{
    self = &thread_nobody;
}
