/* The guard: nested hooks are told from guards that were left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>

#include "guard.h"

static __attribute__((noinline)) int enter_deeper(void)
{
    int entered = guard_enter(__builtin_frame_address(0));
    __asm__ volatile("" ::: "memory");
    return entered;
}

static void a_hook_below_the_guard_is_nested(void **unused)
{
    (void)unused;
    assert_true(guard_enter(__builtin_frame_address(0)));
    assert_false(enter_deeper());
    guard_leave();
}

static __attribute__((noinline)) void leave_it_set(void)
{
    guard_enter(__builtin_frame_address(0));
    __asm__ volatile("" ::: "memory");
}

static void a_guard_whose_frame_is_gone_is_taken_over(void **unused)
{
    (void)unused;
    leave_it_set(); /* as a siglongjmp out of a hook does */
    assert_true(inside != 0);
    assert_true(guard_enter(__builtin_frame_address(0)));
    guard_leave();
}

static volatile int entered_in_handler;

static void handler(int signal)
{
    (void)signal;
    entered_in_handler = guard_enter(__builtin_frame_address(0));
}

/* The alternate stack is an array of the interrupted function, above its callees' frames: heights alone
 * would call the interrupted hook's guard stale. */
static void a_handler_on_an_alternate_stack_above_is_nested(void **unused)
{
    (void)unused;
    char area[65536];
    stack_t alternate = {.ss_sp = area, .ss_size = sizeof area};
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    assert_int_equal(sigaltstack(&alternate, NULL), 0);
    sigaction(SIGUSR1, &action, NULL);
    inside = (uintptr_t)area - 256; /* a hook further down this stack */
    raise(SIGUSR1);
    inside = 0;
    alternate.ss_flags = SS_DISABLE;
    sigaltstack(&alternate, NULL);
    assert_false(entered_in_handler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hook_below_the_guard_is_nested),
        cmocka_unit_test(a_guard_whose_frame_is_gone_is_taken_over),
        cmocka_unit_test(a_handler_on_an_alternate_stack_above_is_nested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
