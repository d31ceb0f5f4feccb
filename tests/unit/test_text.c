/* Text: numbers, sizes, foreign bytes; and writing to descriptors that misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "text.h"

static char small[7]; /* so that every line is written in pieces */
static char got[4096];
static int file;

static struct text begin(void)
{
    file = memfd_create("text", 0);
    assert_true(file >= 0);
    return text_to(file, small, sizeof small);
}

static const char *written(struct text *t)
{
    text_flush(t);
    ssize_t n = pread(file, got, sizeof got - 1, 0);
    assert_true(n >= 0);
    got[n] = '\0';
    close(file);
    return got;
}

static void assert_number(uint64_t value, const char *expected)
{
    struct text t = begin();
    text_put_number(&t, value);
    assert_string_equal(written(&t), expected);
}

static void assert_size(uint64_t value, const char *expected)
{
    struct text t = begin();
    text_put_size(&t, value);
    assert_string_equal(written(&t), expected);
}

static void numbers_read_well(void **unused)
{
    (void)unused;
    assert_number(0, "0");
    assert_number(999, "999");
    assert_number(1000, "1,000");
    assert_number(1461003, "1,461,003");
    assert_number(UINT64_MAX, "18,446,744,073,709,551,615");
    assert_size(0, "0 B");
    assert_size(1023, "1,023 B");
    assert_size(1024, "1.0 KiB");
    assert_size(1048575, "1,023.9 KiB");
    assert_size(178 * 1048576ull + 419430, "178.3 MiB");
    assert_size(3ull << 50, "3,072.0 TiB");
    char buffer[TEXT_DECIMAL];
    assert_string_equal(text_decimal(buffer, UINT64_MAX), "18446744073709551615");
    struct text t = begin();
    text_put_hex(&t, 0);
    text_put_hex(&t, UINT64_MAX);
    text_put_hex(&t, 0x1190);
    assert_string_equal(written(&t), "0x00xffffffffffffffff0x1190");
}

static void foreign_text_cannot_command_a_terminal(void **unused)
{
    (void)unused;
    struct text t = begin();
    text_put_foreign(&t, "a\tb\x7f \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80 \xc3", 100);
    assert_string_equal(written(&t), "a\\x09b\\x7f \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80 \\xc3");
    t = begin();
    text_put_foreign(&t, "abcdef", 6);
    text_put_foreign(&t, "abcdefg", 6);
    text_put_foreign(&t, "abcde\xc3\xa4", 6);
    assert_string_equal(written(&t), "abcdefabcdef...abcde...");
}

static volatile sig_atomic_t signalled;

static void note(int signal)
{
    signalled = signal;
}

static void a_reader_that_went_away_sends_no_signal(void **unused)
{
    (void)unused;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    signal(SIGPIPE, note);
    struct text t = text_to(ends[1], small, sizeof small);
    errno = 77;
    text_put(&t, "many more words than fit into the buffer");
    text_flush(&t);
    assert_true(t.failed);
    assert_int_equal(signalled, 0);
    assert_int_equal(errno, 77);
    close(ends[1]);
}

static void a_signal_that_was_pending_stays_pending(void **unused)
{
    (void)unused;
    int ends[2];
    sigset_t mask, pending;
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    sigemptyset(&mask);
    sigaddset(&mask, SIGPIPE);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    raise(SIGPIPE);
    struct text t = text_to(ends[1], small, sizeof small);
    text_put(&t, "x");
    text_flush(&t);
    sigpending(&pending);
    assert_true(sigismember(&pending, SIGPIPE));
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
    assert_int_equal(signalled, SIGPIPE);
    close(ends[1]);
}

static long sleeps(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return use.ru_nvcsw;
}

/* How often the writer slept. */
static long write_into_full_pipe(bool hasty)
{
    int ends[2];
    char block[4096] = {0};
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    while (write(ends[1], block, sizeof block) > 0)
        ;
    long before = sleeps();
    struct text t = text_to(ends[1], small, sizeof small);
    t.hasty = hasty;
    text_put(&t, "more words than there is room for, many more");
    text_flush(&t);
    assert_true(t.failed);
    close(ends[0]);
    close(ends[1]);
    return sleeps() - before;
}

static void a_full_pipe_is_waited_for_once_and_never_in_haste(void **unused)
{
    (void)unused;
    assert_int_equal(write_into_full_pipe(true), 0);
    assert_true(write_into_full_pipe(false) > 0);
    assert_int_equal(write_into_full_pipe(false), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_well),
        cmocka_unit_test(foreign_text_cannot_command_a_terminal),
        cmocka_unit_test(a_reader_that_went_away_sends_no_signal),
        cmocka_unit_test(a_signal_that_was_pending_stays_pending),
        cmocka_unit_test(a_full_pipe_is_waited_for_once_and_never_in_haste),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
