/* Stacks that hold anything at all: random words and words that look like frames, between two pages that
 * nobody may read, with registers that point anywhere. On such a stack, from code that unwind tables describe
 * rightly, wrongly or not at all, some of it made at run time, memory is allocated:
 *   by a call there, with a frame register that means nothing; or
 *   by a handler of SIGILL on its own stack, where even the stack pointer meant nothing.
 * Any other fault is somebody's reading what he must not: it ends the program with status 3.
 *
 *     wild_stacks [--rounds N] [--thread]     --thread: not on the main thread
 */
#include "target.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE  4096u
#define STACK (4 * PAGE)

struct registers {
    uintptr_t sp, bp;
    void (*call)(void); /* NULL: an instruction that is none */
};
typedef void land(const struct registers *registers);

/* Goes there and comes back (or jumps back). What the tables say about the middle is up to the caller. */
#define LAND(name, about)                                                                                    \
    void name(const struct registers *registers);                                                            \
    __asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name ":\n" about "\n"                   \
            "push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15; push %r15\n"                  \
            "mov %rsp, %rbx; mov 16(%rdi), %rax; mov 8(%rdi), %rbp; mov (%rdi), %rsp\n"                      \
            "test %rax, %rax; jnz 1f; ud2\n"                                                                 \
            "1: call *%rax; mov %rbx, %rsp\n"                                                                \
            "pop %r15; pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp; ret\n" END_##name         \
            ".size " #name ", . - " #name "\n")
#define CFI             ".cfi_startproc\n"
#define END_untold      ""
#define END_by_sp       ".cfi_endproc\n"
#define END_by_bp       ".cfi_endproc\n"
#define END_far         ".cfi_endproc\n"
#define END_deep        ".cfi_endproc\n"
#define END_realigned   ".cfi_endproc\n"
#define END_interrupted ".cfi_endproc\n"
LAND(untold, "");
LAND(by_sp, CFI ".cfi_def_cfa rsp, 8");
LAND(by_bp, CFI ".cfi_def_cfa rbp, 16; .cfi_offset rbp, -16");
LAND(far, CFI ".cfi_def_cfa rsp, 0x1f000; .cfi_offset rbp, -16");
LAND(deep, CFI ".cfi_def_cfa rsp, 8; .cfi_offset rbp, -1000");
/* CFA = *(BP - 8), as functions do that align their stack */
LAND(realigned, CFI ".cfi_escape 0x0f, 3, 0x76, 0x78, 0x06; .cfi_escape 0x10, 6, 2, 0x76, 0");
/* as the C library's return from a handler: SP, IP and BP from a ucontext at SP */
LAND(interrupted,
     CFI ".cfi_signal_frame\n.cfi_escape 0x0f, 4, 0x77, 0xa0, 1, 6; .cfi_escape 0x10, 16, 3, 0x77, "
         "0xa8, 1; .cfi_escape 0x10, 6, 3, 0x77, 0xf8, 0");

static unsigned char *stack; /* STACK bytes between two forbidden pages */
static unsigned char *code;  /* made at run time */
static sigjmp_buf back;
static void *volatile kept;
static uint64_t random_state = 1;

static uint64_t any(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

NAMED static void take_one(void)
{
    kept = malloc(1 + any() % 100);
    free(kept);
}

static void illegal(int number)
{
    (void)number;
    take_one();
    siglongjmp(back, 1);
}

static void fault(int number)
{
    static const char text[] = "a fault\n";
    (void)number;
    ssize_t unused = write(STDOUT_FILENO, text, sizeof text - 1);
    (void)unused;
    _exit(3);
}

static land *const lands[] = {untold, by_sp, by_bp, far, deep, realigned, interrupted};
#define LANDS (sizeof lands / sizeof *lands)

static land *any_code(void)
{
    land *chosen = lands[any() % LANDS];
    if (any() % 3)
        return chosen;
    memcpy(code, (const void *)(uintptr_t)untold, 80);
    return (land *)(uintptr_t)code;
}

/* What is found on stacks, and what is not. */
static uintptr_t any_word(void)
{
    uintptr_t here = (uintptr_t)stack, main_stack = (uintptr_t)__builtin_frame_address(0);
    switch (any() % 12) {
    case 0:
        return any();
    case 1: /* beside it */
        return here - PAGE + any() % (STACK + 2 * PAGE);
    case 2: /* not canonical */
        return any() | UINT64_C(0x8000) << 48 >> 1;
    case 3: /* the kernel's */
        return ~(uintptr_t)(any() % (1u << 31));
    case 4:
        return any() % 3;
    case 5: /* its ends */
        return here + (any() % 2 ? STACK : 0) - any() % 3 * 8;
    case 6: /* the main stack, or below it: 1 MiB to 8 GiB */
        return (main_stack - any() % (UINT64_C(1) << (20 + any() % 14))) & ~(uintptr_t)7;
    case 7:
    case 8: /* a place of code */
        return (uintptr_t)lands[any() % LANDS] + any() % 60;
    default: /* on it, in good order */
        return here + any() % STACK / 8 * 8;
    }
}

static void fill(void)
{
    for (size_t i = 0; i < STACK / 8; i++)
        ((uintptr_t *)(void *)stack)[i] = any_word();
}

/* The first and the last words of the stack are what reading beyond it begins with. */
static uintptr_t near_an_end(void)
{
    return (uintptr_t)stack + STACK - 16 * (1 + any() % 40);
}

static void *all_rounds(void *rounds)
{
    static _Alignas(16) char other[64 * 1024];
    stack_t own = {.ss_sp = other, .ss_size = sizeof other};
    if (sigaltstack(&own, NULL) != 0)
        _exit(2);
    for (long i = *(const long *)rounds; i > 0; i--) {
        fill();
        struct registers at = {any_word(), any_word(), NULL};
        if (any() % 2)
            at.sp = near_an_end();
        if (any() % 2)
            at = (struct registers){near_an_end(), any_word(), take_one};
        if (sigsetjmp(back, 1) == 0)
            any_code()(&at);
    }
    return NULL;
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    sigaction(number, &action, NULL);
}

int main(int argc, char **argv)
{
    (void)argc;
    long rounds = (long)option_number(argv, "rounds", 1000);
    unsigned char *pages = mmap(NULL, STACK + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack = pages + PAGE;
    if (pages == MAP_FAILED || code == MAP_FAILED || mprotect(stack, STACK, PROT_READ | PROT_WRITE) != 0)
        return 2;
    handle(SIGILL, illegal);
    handle(SIGSEGV, fault);
    handle(SIGBUS, fault);
    if (option(argv, "thread")) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, all_rounds, &rounds) != 0)
            return 2;
        pthread_join(thread, NULL);
    } else {
        all_rounds(&rounds);
    }
    printf("%ld rounds, no fault\n", rounds);
    return 0;
}
