/* Work in a child that crashes, swells, stalls, says half, or is killed: its parent has either all of it or
 * none. */
#include "apart.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 20000 /* never met where the test is not about it */

static enum apart_end run(int (*work)(void *, FILE *), unsigned patience_ms, char **bytes, size_t *size)
{
    struct apart what = {.work = work, .argument = "argument", .patience_ms = patience_ms};
    enum apart_end end = apart(&what, bytes, size);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left, not even a zombie */
    if (end != APART_DONE)
        assert_null(*bytes);
    return end;
}

static void fails(int (*work)(void *, FILE *), unsigned patience_ms)
{
    char *bytes = NULL;
    size_t size = 0;
    assert_int_equal(run(work, patience_ms, &bytes, &size), APART_FAILED);
}

static int says_much(void *argument, FILE *out)
{
    for (int i = 0; i < 100000; i++)
        fprintf(out, "%s\n", (const char *)argument);
    return 0;
}

static void all_that_it_says_arrives(void **state)
{
    char *bytes = NULL;
    size_t size = 0;
    (void)state;
    assert_int_equal(run(says_much, PATIENCE_MS, &bytes, &size), APART_DONE);
    assert_int_equal(size, 900000);
    assert_memory_equal(bytes + size - 9, "argument\n", 9);
    free(bytes);
}

static int says_nothing(void *argument, FILE *out)
{
    (void)argument, (void)out;
    return 0;
}

static void nothing_is_a_whole_answer(void **state)
{
    char *bytes = NULL;
    size_t size = 1;
    (void)state;
    assert_int_equal(run(says_nothing, PATIENCE_MS, &bytes, &size), APART_DONE);
    assert_int_equal(size, 0);
    free(bytes);
}

static int refuses(void *argument, FILE *out)
{
    says_much(argument, out);
    return -1;
}

static int crashes_in_the_middle(void *argument, FILE *out)
{
    says_much(argument, out);
    fflush(out);
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
    return 0;
}

static int is_killed(void *argument, FILE *out)
{
    says_much(argument, out);
    raise(SIGKILL);
    return 0;
}

static int ends_by_itself(void *argument, FILE *out)
{
    says_much(argument, out);
    fflush(out);
    _exit(0);
}

static void half_an_answer_is_none(void **state)
{
    (void)state;
    fails(refuses, PATIENCE_MS);
    fails(crashes_in_the_middle, PATIENCE_MS);
    fails(is_killed, PATIENCE_MS);
    fails(ends_by_itself, PATIENCE_MS);
}

static int cuts_a_file(void *argument, FILE *out)
{
    (void)argument, (void)out;
    raise(SIGBUS); /* which the tool itself handles */
    return 0;
}

static void exits(int number)
{
    (void)number;
    _exit(0);
}

static void handlers_of_the_parent_are_not_the_childs(void **state)
{
    (void)state;
    signal(SIGBUS, exits);
    fails(cuts_a_file, PATIENCE_MS);
    signal(SIGBUS, SIG_DFL);
}

static int stalls(void *argument, FILE *out)
{
    int result = says_much(argument, out);
    fflush(out);
    while (pause() < 0)
        continue;
    return result;
}

static int stalls_with_the_answer_given(void *argument, FILE *out)
{
    fputs("\nwhole\n", out); /* what apart says last; the end is missing */
    return stalls(argument, out);
}

static void patience_ends(void **state)
{
    (void)state;
    fails(stalls, 200);
    fails(stalls_with_the_answer_given, 200);
}

static int asks_for_its_limits(void *argument, FILE *out)
{
    struct rlimit data, core, cpu;
    (void)argument;
    if (getrlimit(RLIMIT_DATA, &data) != 0 || getrlimit(RLIMIT_CORE, &core) != 0 ||
        getrlimit(RLIMIT_CPU, &cpu) != 0)
        return -1;
    fprintf(out, "%d %d %d", data.rlim_cur <= (rlim_t)4 << 30, core.rlim_cur == 0, cpu.rlim_cur <= 21);
    return 0;
}

static void memory_and_time_are_limited(void **state)
{
    char *bytes = NULL;
    size_t size = 0;
    (void)state;
    assert_int_equal(run(asks_for_its_limits, PATIENCE_MS, &bytes, &size), APART_DONE);
    assert_int_equal(size, 5);
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    bytes[0] = '1'; /* their shadow is terabytes */
#endif
    assert_memory_equal(bytes, "1 1 1", 5);
    free(bytes);
}

static int nests(void *argument, FILE *out)
{
    char *bytes = NULL;
    size_t size = 0;
    struct apart inner = {.work = crashes_in_the_middle, .argument = argument, .patience_ms = PATIENCE_MS};
    fputs("before ", out);
    bool failed = apart(&inner, &bytes, &size) == APART_FAILED;
    fputs(failed ? "failed" : "done", out);
    return 0;
}

static void a_child_may_have_children(void **state)
{
    char *bytes = NULL;
    size_t size = 0;
    (void)state;
    assert_int_equal(run(nests, PATIENCE_MS, &bytes, &size), APART_DONE);
    assert_int_equal(size, 13);
    assert_memory_equal(bytes, "before failed", 13);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_it_says_arrives),
        cmocka_unit_test(nothing_is_a_whole_answer),
        cmocka_unit_test(half_an_answer_is_none),
        cmocka_unit_test(handlers_of_the_parent_are_not_the_childs),
        cmocka_unit_test(patience_ends),
        cmocka_unit_test(memory_and_time_are_limited),
        cmocka_unit_test(a_child_may_have_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
