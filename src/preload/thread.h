/* A recorded thread: its block in the ledger and its private workspace, claimed together.
 *
 * `self` costs the target eight bytes of thread-local storage and is never NULL (but before the loader
 * has filled in a thread's variables: next.c sees to that): a thread without a
 * workspace points to thread_nobody, whose countdown is always over, so that the first event of a
 * thread takes the slow path by itself. Workspaces are wiped by fork: in a child the forking thread's
 * countdown reads 0 as well, and the slow path finds out why. They are recycled, never unmapped.
 */
#ifndef LEAKWATCH_PRELOAD_THREAD_H
#define LEAKWATCH_PRELOAD_THREAD_H

#include <stdint.h>

#include "../ledger/layout.h"
#include "capture.h"
#include "hints.h"
#include "memo.h"

/* The tick runs here, with all signals off: publishing, histories and the judge need about 1.5 KiB,
 * and a coroutine's stack may have 4 KiB in all. */
#define THREAD_SCRATCH 4096

struct thread {
    int32_t countdown; /* events until the next look at the clock; < 0 leads to the slow path */
    uint32_t stride;   /* what the countdown starts from, adapted to the thread's rate */
    uint32_t birth;    /* birth code of blocks allocated now, already shifted for the live table */
    uint32_t id;       /* of block and owner in the ledger; 0 = wiped by fork, or nobody */
    struct block *block;
    int64_t net;            /* live bytes, gained less lost, not yet in the ledger's running total */
    int64_t until_sample;   /* sampling: bytes to go until the next sampled allocation */
    uint64_t random;        /* sampling: state of the generator */
    uint64_t unknown_frees; /* not yet among the losses */
    uint32_t mark;          /* of the name that the program gave it, 0 = none */
    uint64_t looked_ms;     /* age at the last look at the clock */
    uint64_t due_ms;        /* age of the next tick */
    struct walk walk;
    struct memo memo;
    _Alignas(64) unsigned char scratch[THREAD_SCRATCH];
};

extern struct thread thread_nobody;
extern HIDDEN __thread struct thread *self;

/* What a thread was told by leakwatch.h: outlives fork, which wipes the workspace. */
struct thread_told {
    uint16_t excluded; /* scopes that it is inside of */
    uint16_t mark;     /* its name, in ledger_header.threads */
};
extern HIDDEN __thread struct thread_told told;

/* Live bytes that no thread has published yet. Nobody is stopped meanwhile. */
int64_t thread_unpublished(void);

/* A workspace for this thread, or NULL (a counted loss). Called on its first event. pid: the process whose
 * ledger this is. In a child that shares its memory (vfork, CLONE_VM) we are someone else, and the thread
 * that waits for us goes on with this workspace: it is claimed in the name of the process then. */
struct thread *thread_claim(int pid);

/* Work that needs more than the few hundred bytes a hook may use: on the thread's scratch stack, with all
 * signals off (a handler's frame alone may take 3 KiB). Not from within such work. False, and a counted loss:
 * a filter of the program's forbids to turn signals off. */
bool thread_on_scratch(struct thread *t, void (*work)(void *), void *argument);

/* Once, from the constructor: the key whose destructor gives a thread's block back. */
void thread_init(void);

/* In a forked child: whatever self was, it is nobody now. */
void thread_forked(void);

#endif
