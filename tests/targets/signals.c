/* A signal handler that allocates and frees at 1 kHz, and shares its blocks with the main program.
 *
 *     signals [--seconds N]             in front of an allocator that can take it (bumpalloc.c): the
 *                                       signal interrupts malloc and free themselves
 *     signals --blocked [--seconds N]   valid with any allocator: the main program allocates with the
 *                                       signal blocked, and is interrupted in spin()
 *     signals --backtrace ...           the handler also calls backtrace(3)
 *     signals --altstack ...            the handler runs on an alternate stack of 8 KiB
 */
#include "target.h"

#include <execinfo.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <unistd.h>

#define SLOTS 64
#define TURN  200

static void *_Atomic slots[SLOTS]; /* blocks of both sides: whoever finds one frees it */
static atomic_long handled;
static bool backtraces;

/* Puts a block into a slot and frees the one that was there, whoever made it. */
static void swap_in(unsigned long slot, void *block)
{
    free(atomic_exchange(&slots[slot % SLOTS], block));
}

NAMED static void handler_allocates(size_t size)
{
    swap_in(size, malloc(size));
}

NAMED static void main_allocates(size_t size)
{
    swap_in(size, malloc(size));
}

static void on_alarm(int signal)
{
    (void)signal;
    size_t n = (size_t)atomic_fetch_add(&handled, 1);
    for (size_t i = 0; i < 5; i++)
        handler_allocates(50 + n % 100 + i);
    void *frames[64];
    if (backtraces && backtrace(frames, 64) < 2)
        _exit(3);
}

/* Where the blocked variant is interrupted: allocates nothing. */
NAMED static unsigned spin(void)
{
    volatile unsigned turns = 0;
    while (turns < 20000)
        turns = turns + 1;
    return turns;
}

int main(int argc, char **argv)
{
    (void)argc;
    bool blocked = option(argv, "blocked");
    puts("truth: steady handler_allocates\ntruth: steady main_allocates");
    puts("truth: live_blocks handler_allocates 0\ntruth: live_blocks main_allocates 0");
    if (blocked) /* through the signal's frame, and back from its own stack */
        puts("truth: caller handler_allocates main");
    fflush(stdout);

    static char alternate[8192];
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    if (option(argv, "altstack")) {
        sigaltstack(&(stack_t){.ss_sp = alternate, .ss_size = sizeof alternate}, NULL);
        action.sa_flags |= SA_ONSTACK;
    }
    sigaction(SIGALRM, &action, NULL);
    backtraces = option(argv, "backtrace");
    if (backtraces) { /* the first call loads a library */
        void *frame;
        backtrace(&frame, 1);
    }
    struct itimerval every = {.it_interval.tv_usec = 1000, .it_value.tv_usec = 1000};
    setitimer(ITIMER_REAL, &every, NULL);

    sigset_t alarm_set;
    sigemptyset(&alarm_set);
    sigaddset(&alarm_set, SIGALRM);
    double seconds = option_number(argv, "seconds", 3);
    long turns = 0;
    for (struct timespec start = now(); seconds_since(start) < seconds || handled < 100; turns++) {
        if (blocked)
            sigprocmask(SIG_BLOCK, &alarm_set, NULL);
        for (size_t i = 0; i < TURN; i++)
            main_allocates(20 + i);
        if (blocked) {
            sigprocmask(SIG_UNBLOCK, &alarm_set, NULL);
            spin();
        }
    }

    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    sigprocmask(SIG_BLOCK, &alarm_set, NULL);
    for (int i = 0; i < SLOTS; i++)
        free(atomic_exchange(&slots[i], NULL));
    /* What the handler allocated while it had interrupted a hook is not recorded; this always is. */
    printf("truth: allocations main_allocates %ld\n", turns * TURN);
    puts("ended well");
    return 0;
}
