/* Walks in the places where walks go wrong: signals, coroutines, assembler, trashed registers, guard pages,
 * noreturn calls, fork. Each is compared with libunwind's own walk, or must simply end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "book.h"
#include "bounds.h"
#include "capture.h"
#include "capture_truth.h"
#include "rules.h"

#define NOINLINE __attribute__((noinline))
#define FRAME    __builtin_frame_address(0)

static struct walk walk;

static uint64_t losses(enum loss kind)
{
    return book.head->losses[kind];
}

static NOINLINE void assert_as_libunwind(void)
{
    struct caller who = cpu_caller(FRAME);
    uint32_t frame;
    assert_true(truth_agrees(&walk, &who, &frame, true));
}

/* ---- before the start ---- */

static void before_init_the_callers_own_frame_is_kept(void **unused)
{
    (void)unused;
    struct caller who = cpu_caller(FRAME);
    uint64_t early = losses(LOSS_EARLY);
    capture(&walk, &who, WALK_MAX);
    assert_int_equal(walk.count, 1);
    assert_int_equal(walk.frames[0].pc, who.ra - 1);
    assert_int_equal(walk.frames[0].flags, FRAME_CUT);
    assert_int_equal(losses(LOSS_EARLY), early + 1);
    assert_null(capture_init());
}

static void errno_and_descriptors_stay_as_they_are(void **unused)
{
    (void)unused;
    struct caller who = cpu_caller(FRAME);
    int lowest = dup(0);
    close(lowest);
    errno = 4711;
    rules_wipe();
    capture(&walk, &who, WALK_MAX);
    assert_int_equal(errno, 4711);
    assert_true(walk.count > 3);
    assert_int_equal(dup(0), lowest);
    close(lowest);
}

/* ---- signals ---- */

static volatile sig_atomic_t handled, agreed, interrupted_seen;

static void handler(int number)
{
    struct caller who = cpu_caller(FRAME);
    uint32_t frame;
    (void)number;
    handled++;
    agreed += truth_agrees(&walk, &who, &frame, handled - agreed < 3);
    capture(&walk, &who, WALK_MAX);
    for (uint32_t i = 0; i < walk.count; i++)
        interrupted_seen += (walk.frames[i].flags & FRAME_EXACT) != 0;
}

static void handle(int number, int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    assert_int_equal(sigaction(number, &action, NULL), 0);
    handled = agreed = interrupted_seen = 0;
}

static void signal_frames_are_crossed(void **unused)
{
    (void)unused;
    handle(SIGUSR1, 0);
    for (int i = 0; i < 100; i++)
        raise(SIGUSR1);
    assert_int_equal(handled, 100);
    assert_int_equal(agreed, 100);
    assert_int_equal(interrupted_seen, 100);
}

static void a_handlers_own_stack_leads_to_the_interrupted_one(void **unused)
{
    static _Alignas(16) char room[32768];
    stack_t alternate = {.ss_sp = room, .ss_size = sizeof room}, none = {.ss_flags = SS_DISABLE};
    (void)unused;
    assert_int_equal(sigaltstack(&alternate, NULL), 0);
    handle(SIGUSR1, SA_ONSTACK);
    for (int i = 0; i < 100; i++)
        raise(SIGUSR1);
    assert_int_equal(agreed, 100);
    assert_int_equal(interrupted_seen, 100);
    sigaltstack(&none, NULL);
}

static NOINLINE unsigned work_to_be_interrupted(unsigned x)
{
    char text[64];
    snprintf(text, sizeof text, "%u", x);
    return (unsigned)strlen(text) + (unsigned)atoi(text);
}

/* Wherever the timer hits: prologues, epilogues, PLT entries, string functions. */
static void interrupted_anywhere_the_walk_is_right(void **unused)
{
    struct itimerval every_ms = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    unsigned sum = 0;
    (void)unused;
    handle(SIGALRM, SA_RESTART);
    setitimer(ITIMER_REAL, &every_ms, NULL);
    for (unsigned i = 0; handled < 400; i++)
        sum += work_to_be_interrupted(i);
    setitimer(ITIMER_REAL, &never, NULL);
    print_message("%d of %d walks agree (sum %u)\n", (int)agreed, (int)handled, sum);
    assert_int_equal(agreed, handled);
}

/* ---- other stacks ---- */

static ucontext_t main_context, coroutine_context;

static NOINLINE void in_coroutine(void)
{
    assert_as_libunwind();
    struct caller who = cpu_caller(FRAME);
    capture(&walk, &who, WALK_MAX);
    assert_in_range(walk.count, 1, 4);
    __asm__ volatile("");
}

static NOINLINE void run_coroutine(void (*function)(void), char *stack, size_t size)
{
    getcontext(&coroutine_context);
    coroutine_context.uc_stack.ss_sp = stack;
    coroutine_context.uc_stack.ss_size = size;
    coroutine_context.uc_link = &main_context;
    makecontext(&coroutine_context, function, 0);
    swapcontext(&main_context, &coroutine_context);
}

static char *guarded_stack(size_t size)
{
    char *at = mmap(NULL, size + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(at != MAP_FAILED);
    assert_int_equal(mprotect(at + 4096, size, PROT_READ | PROT_WRITE), 0);
    return at + 4096;
}

static __attribute__((unused)) void coroutines_are_walked_to_their_own_end(void **unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++) {
        char *stack = guarded_stack(65536);
        run_coroutine(in_coroutine, stack, 65536);
        bounds_forget((uintptr_t)stack, 65536);
        munmap(stack - 4096, 65536 + 8192);
    }
}

static void *in_thread(void *argument)
{
    uint32_t frame;
    struct walk *own = calloc(1, sizeof *own);
    struct caller who = cpu_caller(FRAME);
    bool *result = argument;
    *result = truth_agrees(own, &who, &frame, true);
    free(own);
    return NULL;
}

static __attribute__((unused)) void threads_are_walked_to_their_own_end(void **unused)
{
    (void)unused;
    for (int i = 0; i < 200; i++) {
        bool result = false;
        pthread_t thread;
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, (size_t)(i % 2 + 1) << 20);
        assert_int_equal(pthread_create(&thread, &attributes, in_thread, &result), 0);
        pthread_join(thread, NULL);
        assert_true(result);
    }
}

static void bounds_are_those_of_the_stack_pointed_into(void **unused)
{
    char here, *foreign = guarded_stack(16384);
    (void)unused;
    struct stack own = bounds_of((uintptr_t)&here);
    assert_in_range((uintptr_t)&here, own.lo, own.hi - 1);
    struct stack other = bounds_of((uintptr_t)foreign + 100);
    assert_int_equal(other.lo, foreign);
    assert_int_equal(other.hi, foreign + 16384);
    uint32_t generation = bounds_generation;
    bounds_forget((uintptr_t)foreign - 65536, 65536);
    assert_int_equal(bounds_generation, generation);
    bounds_forget((uintptr_t)foreign + 8192, 4096);
    assert_int_not_equal(bounds_generation, generation);
    munmap(foreign + 8192, 4096);
    assert_int_equal(bounds_of((uintptr_t)foreign + 100).hi, foreign + 8192);
    assert_int_equal(bounds_of((uintptr_t)foreign + 8192 + 8).hi, 0);
    assert_int_equal(bounds_of((uintptr_t)foreign - 8).hi, 0);
    munmap(foreign - 4096, 16384 + 8192);
}

static pthread_barrier_t round_begins, round_ends;
static char *upper_half; /* of a stack of four pages; NULL: no more rounds */

/* As the library's own munmap does it. */
static void *unmap_the_upper_half(void *unused)
{
    for (;;) {
        pthread_barrier_wait(&round_begins);
        if (!upper_half)
            return unused;
        bounds_forget((uintptr_t)upper_half, 8192);
        munmap(upper_half, 8192);
        bounds_forget((uintptr_t)upper_half, 8192);
        pthread_barrier_wait(&round_ends);
    }
}

static void what_is_unmapped_while_it_is_found_is_not_kept(void **unused)
{
    pthread_t thread;
    char *foreign = guarded_stack(16384);
    (void)unused;
    pthread_barrier_init(&round_begins, NULL, 2);
    pthread_barrier_init(&round_ends, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, unmap_the_upper_half, NULL), 0);
    for (int i = 0; i < 3000; i++) {
        upper_half = foreign + 8192;
        bounds_forget((uintptr_t)foreign, 16384);
        pthread_barrier_wait(&round_begins);
        bounds_of((uintptr_t)foreign + 100);
        pthread_barrier_wait(&round_ends);
        assert_int_equal(bounds_of((uintptr_t)foreign + 100).hi, upper_half);
        assert_ptr_equal(
            mmap(upper_half, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
            upper_half);
    }
    upper_half = NULL;
    pthread_barrier_wait(&round_begins);
    pthread_join(thread, NULL);
    munmap(foreign - 4096, 16384 + 8192);
}

/* ---- code without unwind tables ---- */

/* void without_tables(void (*hook)(void), uintptr_t rbp): calls hook with that frame register. */
__asm__(".text\n"
        ".type without_tables, @function\n"
        "without_tables:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    mov %rsp, %r12\n"
        "    test %rsi, %rsi\n"
        "    jz 1f\n"
        "    mov %rsi, %rbp\n"
        "1:  call *%rdi\n"
        "    mov %r12, %rsp\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size without_tables, . - without_tables\n");
void without_tables(void (*hook)(void), uintptr_t rbp);

/* void jit_frame(void (*hook)(void)): no tables, but a frame pointer, as JIT compilers do. */
__asm__(".type jit_frame, @function\n"
        "jit_frame:\n"
        "    push %rbp\n"
        "    mov %rsp, %rbp\n"
        "    sub $48, %rsp\n"
        "    call *%rdi\n"
        "    leave\n"
        "    ret\n"
        ".size jit_frame, . - jit_frame\n");
void jit_frame(void (*hook)(void));

static NOINLINE void just_walk(void)
{
    struct caller who = cpu_caller(FRAME);
    capture(&walk, &who, WALK_MAX);
    capture(&walk, &who, WALK_MAX); /* and by reuse */
}

static void a_trashed_frame_register_ends_the_walk(void **unused)
{
    char *inaccessible = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uintptr_t top = bounds_of((uintptr_t)&inaccessible).hi;
    const uintptr_t values[] = {1,
                                8,
                                0x5555,
                                top - 8,
                                top,
                                top + 8,
                                top - 16,
                                (uintptr_t)inaccessible,
                                (uintptr_t)&inaccessible - 4096,
                                ~(uintptr_t)0 - 7,
                                (uintptr_t)1 << 62};
    (void)unused;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        without_tables(just_walk, values[i]);
        assert_int_equal(walk.count, 1);
    }
    munmap(inaccessible, 4096);
}

static NOINLINE void trash_on_small_stack(void)
{
    uintptr_t top = bounds_of((uintptr_t)FRAME).hi;
    for (uintptr_t back = 8; back <= 4096; back += 8)
        without_tables(just_walk, top - back);
    for (uintptr_t ahead = 0; ahead <= 4096; ahead += 8)
        without_tables(just_walk, top + ahead);
}

static __attribute__((unused)) void nothing_beside_a_guarded_stack_is_read(void **unused)
{
    (void)unused;
    char *stack = guarded_stack(32768);
    memset(stack, 0, 32768);
    for (size_t i = 0; i < 32768 / 8; i++) /* words that look like frames: pointers up the stack */
        ((uintptr_t *)(void *)stack)[i] = (uintptr_t)stack + (i + 5) * 8;
    run_coroutine(trash_on_small_stack, stack, 32768);
    bounds_forget((uintptr_t)stack, 32768);
    munmap(stack - 4096, 32768 + 8192);
}

static void frames_without_tables_are_followed_by_frame_pointer(void **unused)
{
    (void)unused;
    jit_frame(assert_as_libunwind);
    jit_frame(just_walk);
    uint32_t top = walk.count - 1;
    assert_true(top > 2);
    assert_int_equal(walk.frames[top - 1].bp_slot, 2);
    assert_int_equal(walk.frames[0].flags & FRAME_CUT, 0);
}

/* ---- ends of functions ---- */

static jmp_buf back;

static NOINLINE __attribute__((noreturn)) void never_returns(void)
{
    assert_as_libunwind();
    longjmp(back, 1);
}

/* The call is the last instruction: its return address belongs to whatever follows. */
static NOINLINE void ends_in_a_call(int many)
{
    volatile char room[200];
    room[many] = 1;
    handled = room[many];
    never_returns();
}

static void a_call_at_the_end_of_a_function_is_looked_up_inside_it(void **unused)
{
    (void)unused;
    if (!setjmp(back))
        ends_in_a_call(3);
}

/* ---- stack use ---- */

static size_t used;

static NOINLINE void paint_and_capture(bool learn)
{
    enum { AREA = 2048 };
    struct caller who = cpu_caller(FRAME);
    volatile unsigned char *low;
    if (learn) {
        walk_forget(&walk);
        rules_wipe();
    }
    /* Painted below the frame that calls capture; whatever it overwrites is its own. */
    {
        uintptr_t sp;
        __asm__ volatile("mov %%rsp, %0" : "=r"(sp));
        low = (volatile unsigned char *)sp - AREA;
        for (size_t i = 0; i < AREA; i++)
            low[i] = 0xa5;
        capture(&walk, &who, WALK_MAX);
        size_t i = 0;
        while (i < AREA && low[i] == 0xa5)
            i++;
        used = AREA - i;
    }
}

static void capture_needs_little_of_the_programs_stack(void **unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++)
        paint_and_capture(false);
    print_message("stack used by a walk: %zu bytes", used);
    paint_and_capture(true);
    print_message(", by one that learns: %zu\n", used);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__OPTIMIZE__)
    assert_true(used < 384);
#endif
}

/* ---- fork ---- */

static int stop;

static void *learn_for_ever(void *argument)
{
    struct walk *own = calloc(1, sizeof *own);
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        struct caller who = cpu_caller(FRAME);
        own->count = 0;
        rules_wipe();
        capture(own, &who, WALK_MAX);
    }
    free(own);
    return argument;
}

enum { LEARNT = 1, BARRED = 2 };

static NOINLINE int in_child(void)
{
    struct caller who = cpu_caller(FRAME);
    uint64_t barred = losses(LOSS_LEARN_BARRED);
    capture_forked();
    rules_wipe();
    walk_forget(&walk);
    capture(&walk, &who, WALK_MAX);
    capture(&walk, &who, WALK_MAX);
    return losses(LOSS_LEARN_BARRED) > barred ? BARRED : LEARNT;
}

static void a_child_forked_in_the_middle_of_a_lesson_does_not_hang(void **unused)
{
    pthread_t threads[3];
    int barred = 0;
    (void)unused;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(threads + i, NULL, learn_for_ever, NULL), 0);
    for (int i = 0; i < 300; i++) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            _exit(in_child());
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        barred += WEXITSTATUS(status) == BARRED;
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    print_message("%d of 300 children were forked in mid-lesson\n", barred);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_init_the_callers_own_frame_is_kept),
        cmocka_unit_test(errno_and_descriptors_stay_as_they_are),
        cmocka_unit_test(signal_frames_are_crossed),
        cmocka_unit_test(a_handlers_own_stack_leads_to_the_interrupted_one),
        cmocka_unit_test(interrupted_anywhere_the_walk_is_right),
#ifndef __SANITIZE_THREAD__ /* it follows neither swapcontext nor libunwind's destructors at thread exit */
        cmocka_unit_test(coroutines_are_walked_to_their_own_end),
        cmocka_unit_test(nothing_beside_a_guarded_stack_is_read),
        cmocka_unit_test(threads_are_walked_to_their_own_end),
#endif
        cmocka_unit_test(bounds_are_those_of_the_stack_pointed_into),
        cmocka_unit_test(what_is_unmapped_while_it_is_found_is_not_kept),
        cmocka_unit_test(a_trashed_frame_register_ends_the_walk),
        cmocka_unit_test(frames_without_tables_are_followed_by_frame_pointer),
        cmocka_unit_test(a_call_at_the_end_of_a_function_is_looked_up_inside_it),
        cmocka_unit_test(capture_needs_little_of_the_programs_stack),
        cmocka_unit_test(a_child_forked_in_the_middle_of_a_lesson_does_not_hang),
    };
    const char *problem = truth_init();
    if (problem) {
        print_message("skipped: %s\n", problem);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
