/* Coroutines that wander between threads: each allocates, gives way, and is resumed by whichever thread comes
 * next. Their stacks are 4, 8 and 64 KiB, from malloc, mmap and static memory, and hold other data between
 * one coroutine's end and the next one's beginning. They switch by the C library or by a few instructions of
 * ours.
 *
 *     coroutines TIMES      prints truths for report.py
 */
#include "target.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>

#define COUNT   12
#define THREADS 4
#define STEPS   16

struct coroutine {
    pthread_mutex_t lock; /* runs on one thread at a time */
    char *stack;
    size_t size;
    bool by_hand;
    ucontext_t inside, outside;
    void *inside_sp, *outside_sp;
    long lives; /* to come */
    int steps;  /* of this life to come; 0 = it has ended, or never begun */
    void *kept;
};

static struct coroutine coroutines[COUNT];
static long started, ended;

/* Keeps what a function must keep, and goes on where the other stack gave way. */
void change_stacks(void **leave, void *enter);
__asm__(".text\n.globl change_stacks\n.type change_stacks, @function\nchange_stacks:\n.cfi_startproc\n"
        "push %rbp\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbp, 0\npush %rbx\n.cfi_adjust_cfa_offset 8\n"
        "push %r12\n.cfi_adjust_cfa_offset 8\npush %r13\n.cfi_adjust_cfa_offset 8\n"
        "push %r14\n.cfi_adjust_cfa_offset 8\npush %r15\n.cfi_adjust_cfa_offset 8\n"
        "mov %rsp, (%rdi)\nmov %rsi, %rsp\n"
        "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbx\npop %rbp\nret\n"
        ".cfi_endproc\n.size change_stacks, . - change_stacks\n");

NAMED static void in_a_coroutine(struct coroutine *c)
{
    free(c->kept); /* often another thread's */
    c->kept = malloc(100);
}

static void give_way(struct coroutine *c)
{
    if (c->by_hand)
        change_stacks(&c->inside_sp, c->outside_sp);
    else
        swapcontext(&c->inside, &c->outside);
}

NAMED static void live(struct coroutine *c)
{
    for (int i = 0; i < STEPS; i++) {
        in_a_coroutine(c);
        c->steps--;
        give_way(c);
    }
}

static void by_context(unsigned number)
{
    live(coroutines + number);
}

static void by_hand(void)
{
    uintptr_t here;
    struct coroutine *c = coroutines;
    while ((char *)&here < c->stack || (char *)&here >= c->stack + c->size)
        c++;
    live(c);
    abort(); /* it gave way for the last time */
}

static void begin(struct coroutine *c)
{
    memset(c->stack, 0xa5, c->size);
    c->steps = STEPS;
    __atomic_fetch_add(&started, 1, __ATOMIC_RELAXED);
    if (c->by_hand) {
        uintptr_t *top = (uintptr_t *)(void *)(c->stack + c->size) - 1; /* aligned as after a call */
        *top = 0;                                                       /* by_hand's return address: none */
        *--top = (uintptr_t)by_hand;
        c->inside_sp = memset(top - 6, 0, 6 * sizeof *top);
        return;
    }
    getcontext(&c->inside);
    c->inside.uc_stack.ss_sp = c->stack;
    c->inside.uc_stack.ss_size = c->size;
    c->inside.uc_link = &c->outside;
    makecontext(&c->inside, (void (*)(void))(uintptr_t)by_context, 1, (unsigned)(c - coroutines));
}

static bool resume(struct coroutine *c)
{
    if (c->steps == 0) {
        if (c->lives-- <= 0)
            return false;
        begin(c);
    }
    if (c->by_hand)
        change_stacks(&c->outside_sp, c->inside_sp);
    else
        swapcontext(&c->outside, &c->inside);
    if (c->steps == 0) {
        memset(c->stack, 0x5a, c->size);
        __atomic_fetch_add(&ended, 1, __ATOMIC_RELAXED);
    }
    return true;
}

static void *run(void *unused)
{
    for (bool any = true; any;) {
        any = false;
        for (int i = 0; i < COUNT; i++) {
            pthread_mutex_lock(&coroutines[i].lock);
            any |= resume(coroutines + i);
            pthread_mutex_unlock(&coroutines[i].lock);
        }
    }
    return unused;
}

static void prepare(struct coroutine *c, int i, long times)
{
    static const size_t sizes[] = {4096, 8192, 65536};
    static _Alignas(64) char in_data[2][65536];
    pthread_mutex_init(&c->lock, NULL);
    c->by_hand = i % 2;
    c->size = sizes[i % 3];
    c->lives = times;
    if (i < 2)
        c->stack = in_data[i];
    else if (i < 7)
        c->stack = malloc(c->size);
    else
        c->stack = mmap(NULL, c->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    long times = argc > 1 ? atol(argv[1]) : 1;
    for (int i = 0; i < COUNT; i++)
        prepare(coroutines + i, i, times);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(threads + i, NULL, run, NULL) != 0)
            return 2;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("%ld begun, %ld ended\n", started, ended);
    printf("truth: caller in_a_coroutine live\n");
    printf("truth: allocations in_a_coroutine %ld\n", times * COUNT * STEPS);
    printf("truth: live_blocks in_a_coroutine %d\n", COUNT);
    return 0;
}
