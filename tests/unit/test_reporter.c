/* Reporter: what the tool is given, what the target can notice of it, and who speaks when it cannot.
 * tool_stub.c plays the tool; this program is the target. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "options.h"
#include "reporter.h"

static struct options defaults;
static const char *stub;
static int real_stderr, said_file; /* descriptor 2 is said_file in every test */

static int set_up(void **unused)
{
    static const char *const no_environment[] = {NULL};
    (void)unused;
    options = defaults;
    options_parse(no_environment);
    options.tool = stub;
    reporter_patience_ms = 20000;
    said_file = memfd_create("said", 0);
    real_stderr = dup(2);
    dup2(said_file, 2);
    reporter_init("/nowhere/libleakwatch.so");
    return said_file < 0;
}

static int tear_down(void **unused)
{
    (void)unused;
    dup2(real_stderr, 2);
    close(real_stderr);
    close(said_file);
    return 0;
}

static const char *said(void)
{
    static char text[65536];
    ssize_t n = pread(said_file, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void assert_said(const char *words)
{
    if (!strstr(said(), words))
        fail_msg("expected \"%s\" in: %s", words, said());
}

/* What the stub does: see tool_stub.c. */
static bool report_with(const char *what)
{
    setenv("STUB", what, 1);
    return reporter_report("/dev/null");
}

/* ---- what the tool is given ---- */

static void the_tool_gets_its_arguments(void **unused)
{
    (void)unused;
    assert_true(report_with("arguments"));
    assert_string_equal(said(), "[leakwatch][report][--at-exit][/dev/null]\n");
}

static void the_environment_is_the_programs_without_hazards(void **unused)
{
    (void)unused;
    static const char *const at_start[] = {"LEAKWATCH_TOP=7", "LEAKWATCH_EXITCODE=3", "LEAKWATCH_DEPTH=none",
                                           NULL};
    options_parse(at_start);
    setenv("LD_PRELOAD", "/x/libleakwatch.so", 1);
    setenv("LD_AUDIT", "/x/audit.so", 1);
    setenv("LD_LIBRARY_PATH", "/x", 1);
    setenv("GLIBC_TUNABLES", "glibc.malloc.check=3", 1);
    setenv("MALLOC_CHECK_", "3", 1);
    setenv("LEAKWATCH_ROOT", "1", 1);
    setenv("SET_LATE", "kept", 1);
    bool given = report_with("environment");
    for (int i = 0; i < 6; i++)
        unsetenv(((const char *[]){"LD_PRELOAD", "LD_AUDIT", "LD_LIBRARY_PATH", "GLIBC_TUNABLES",
                                   "MALLOC_CHECK_", "LEAKWATCH_ROOT"})[i]);
    assert_true(given);
    assert_said("LEAKWATCH_TOP=7\n");
    assert_said("\nSET_LATE=kept\n");
    assert_null(strstr(said(), "\nLD_"));
    assert_null(strstr(said(), "\nMALLOC_CHECK_"));
    assert_null(strstr(said(), "GLIBC_TUNABLES"));
    assert_null(strstr(said(), "LEAKWATCH_EXITCODE"));
    assert_null(strstr(said(), "LEAKWATCH_DEPTH"));
    assert_null(strstr(said(), "LEAKWATCH_ROOT"));
}

static void a_cleared_environment_is_no_harm(void **unused)
{
    (void)unused;
    extern char **environ;
    static const char *const at_start[] = {"LEAKWATCH_TOP=7", NULL};
    char **saved = environ, *only[] = {"STUB=environment", NULL};
    options_parse(at_start);
    environ = only;
    bool given = reporter_report("/dev/null");
    environ = saved;
    assert_true(given);
    assert_string_equal(said(), "LEAKWATCH_TOP=7\nSTUB=environment\n");
    environ = NULL;               /* as after clearenv */
    reporter_report("/dev/null"); /* with the initial one then, which has no STUB: it fails */
    environ = saved;
}

static void the_tool_starts_clean(void **unused)
{
    (void)unused;
    sigset_t term, after;
    struct rlimit before, low;
    int leaked = open("/dev/null", O_RDONLY);
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &before);
    low = (struct rlimit){64, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &low);
    errno = 77;
    bool given = report_with("state");
    assert_int_equal(errno, 77);
    sigprocmask(SIG_BLOCK, NULL, &after);
    assert_true(sigismember(&after, SIGTERM) && !sigismember(&after, SIGINT));
    assert_ptr_equal(signal(SIGCHLD, SIG_DFL), SIG_IGN);
    assert_ptr_equal(signal(SIGPIPE, SIG_DFL), SIG_IGN);
    setrlimit(RLIMIT_NOFILE, &before);
    sigprocmask(SIG_UNBLOCK, &term, NULL);
    close(leaked);
    assert_true(given);
    assert_said("descriptors 3, TERM open, PIPE ignored, CHLD default, files raised\n");
}

/* ---- what the target can notice ---- */

static volatile sig_atomic_t child_signals;
static bool stop; /* atomic */

static void count_signal(int signal)
{
    (void)signal;
    child_signals++;
}

/* As many a server does: reap whoever there is. */
static void *reap_everybody(void *found)
{
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        int status;
        if (waitpid(-1, &status, 0) > 0)
            ++*(int *)found;
        sched_yield();
    }
    return NULL;
}

static void neither_handler_nor_waitpid_notices(void **unused)
{
    (void)unused;
    pthread_t reaper;
    int found = 0, given = 0;
    struct sigaction action = {.sa_handler = count_signal};
    sigaction(SIGCHLD, &action, NULL);
    stop = false;
    child_signals = 0;
    pthread_create(&reaper, NULL, reap_everybody, &found);
    for (int i = 0; i < 50; i++)
        given += report_with("arguments");
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    pthread_join(reaper, NULL);
    signal(SIGCHLD, SIG_DFL);
    assert_int_equal(given, 50);
    assert_int_equal(found, 0);
    assert_int_equal(child_signals, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void own_children_stay_to_be_reaped(void **unused)
{
    (void)unused;
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(5);
    assert_true(report_with("arguments"));
    assert_int_equal(waitpid(-1, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 5);
}

static void children_that_nobody_waits_for_do_not_confuse(void **unused)
{
    (void)unused;
    struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
    sigaction(SIGCHLD, &action, NULL);
    bool given = report_with("arguments"), failed = report_with("4");
    signal(SIGCHLD, SIG_DFL);
    assert_true(given);
    assert_false(failed);
}

/* ---- a tool that does not do its work ---- */

static void a_missing_tool_gives_a_plain_report(void **unused)
{
    (void)unused;
    options.tool = "/nowhere/leakwatch";
    reporter_init("/nowhere/libleakwatch.so");
    assert_false(reporter_report("/dev/null"));
    assert_said("leakwatch: no site grows");
    assert_said("leakwatch: LEAKWATCH_TOOL is not a program that can be run\n");
}

/* Ended well, and has said nothing. */
static void another_program_gives_a_plain_report(void **unused)
{
    (void)unused;
    options.tool = "/bin/true";
    reporter_init("/nowhere/libleakwatch.so");
    assert_false(reporter_report("/dev/null"));
    assert_said("leakwatch: no site grows");
    assert_said("leakwatch: LEAKWATCH_TOOL is not the `leakwatch` program of this library\n");
}

static void a_tool_that_fails_gives_a_plain_report(void **unused)
{
    (void)unused;
    assert_false(report_with("1"));
    assert_said("leakwatch: the `leakwatch` program failed");
    assert_false(report_with("127"));
    assert_said("leakwatch: the `leakwatch` program could not start");
    assert_false(report_with("die"));
    assert_said("leakwatch: the `leakwatch` program was killed");
}

static void a_tool_that_cannot_be_executed_gives_a_plain_report(void **unused)
{
    (void)unused;
    char name[] = "/tmp/leakwatch-tool-XXXXXX";
    int file = mkstemp(name);
    assert_int_equal(write(file, "\0\0\0\0", 4), 4);
    fchmod(file, 0700);
    close(file);
    options.tool = name;
    reporter_init(NULL);
    assert_false(reporter_report("/dev/null"));
    unlink(name);
    assert_said("could not be started");
    assert_false(reporter_report("/dev/null")); /* gone since */
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void a_hanging_tool_is_left_behind_and_still_speaks(void **unused)
{
    (void)unused;
    reporter_patience_ms = 100;
    int64_t start = now_ms();
    assert_false(report_with("hang"));
    assert_true(now_ms() - start >= 100);
    assert_string_equal(said(), "");
    for (int i = 0; i < 200 && !strstr(said(), "late"); i++)
        usleep(50000);
    assert_string_equal(said(), "late\n");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* ---- descriptors ---- */

static void a_descriptor_that_is_another_file_now_is_left_alone(void **unused)
{
    (void)unused;
    int other = memfd_create("the program's data", 0);
    struct stat s;
    dup2(other, 2);
    assert_false(report_with("arguments"));
    reporter_plain();
    reporter_say("a line", NULL);
    close(2);
    assert_false(report_with("arguments"));
    reporter_plain();
    assert_int_equal(fstat(other, &s), 0);
    assert_int_equal(s.st_size, 0);
    assert_string_equal(said(), "");
    dup2(said_file, 2);
    close(other);
}

static void with_a_file_as_output_descriptor_2_does_not_matter(void **unused)
{
    (void)unused;
    int other = memfd_create("other", 0);
    options.output = "/tmp/report.%p";
    dup2(other, 2);
    assert_true(report_with("arguments"));
    dup2(said_file, 2);
    close(other);
}

static void a_descriptor_that_was_closed_at_start_is_never_used(void **unused)
{
    (void)unused;
    close(2);
    reporter_init(NULL);
    dup2(said_file, 2);
    assert_false(report_with("arguments"));
    assert_string_equal(said(), "");
}

static void standard_output_counts_when_it_is_asked_for(void **unused)
{
    (void)unused;
    int saved = dup(1), other = memfd_create("other", 0);
    options.output = "stdout";
    bool before = report_with("arguments");
    dup2(other, 1);
    bool after = report_with("arguments");
    dup2(saved, 1);
    close(saved);
    close(other);
    assert_true(before);
    assert_false(after);
}

static void with_output_none_nothing_is_said(void **unused)
{
    (void)unused;
    options.output = "none";
    assert_false(report_with("arguments"));
    reporter_plain();
    assert_string_equal(said(), "");
}

/* ---- where no program may be started: each in a process of its own ---- */

static void in_a_child(int (*function)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(function());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(status, 0);
}

static bool filter_everything_through(void)
{
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {1, &allow};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int filtered(void)
{
    if (!filter_everything_through())
        return 77;
    if (report_with("arguments"))
        return 1;
    reporter_init(NULL); /* a container: the filter was there at the start */
    if (!report_with("arguments"))
        return 2;
    return filter_everything_through() && report_with("arguments") ? 3 : 0;
}

static void under_a_new_seccomp_filter_no_program_is_started(void **unused)
{
    (void)unused;
    in_a_child(filtered);
    assert_said("under a seccomp filter");
}

static int out_of_processes(void)
{
    struct rlimit none = {0, 0};
    if (setresuid(65534, 65534, 65534) != 0 || setrlimit(RLIMIT_NPROC, &none) != 0)
        return 77;
    return report_with("arguments") ? 1 : 0;
}

static void without_a_process_left_the_report_is_plain(void **unused)
{
    (void)unused;
    if (getuid() == 0)
        in_a_child(out_of_processes);
    else
        skip();
    assert_said("out of processes");
}

static int out_of_memory(void)
{
    struct rlimit soft = {0, RLIM_INFINITY}, hard = {0, 0}; /* the tool gets what the hard one allows */
    if (setenv("STUB", "arguments", 1) != 0 || setrlimit(RLIMIT_AS, &soft) != 0)
        return 77;
    if (!reporter_report("/dev/null") || setrlimit(RLIMIT_AS, &hard) != 0 || reporter_report("/dev/null"))
        return 1;
    reporter_say("still ", "a line that is longer than the sixty-four bytes it has to do with, ", "at least",
                 NULL);
    return 0;
}

static void without_memory_something_is_still_said(void **unused)
{
    (void)unused;
    in_a_child(out_of_memory);
    assert_said("leakwatch: the `leakwatch` program was killed"); /* by the limit that it inherits */
    assert_said(
        "leakwatch: still a line that is longer than the sixty-four bytes it has to do with, at least\n");
}

static int first_process_reports(void)
{
    reporter_patience_ms = 50;
    return getpid() == 1 && report_with("hang") ? 0 : 1;
}

static int as_first_process(void)
{
    int status;
    if (unshare(CLONE_NEWPID) != 0)
        return 77;
    pid_t pid = fork();
    if (pid == 0)
        _exit(first_process_reports());
    return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 1;
}

static void the_first_process_waits_to_the_end(void **unused)
{
    (void)unused;
    in_a_child(as_first_process);
    assert_string_equal(said(), "late\n");
}

/* ---- lines ---- */

static void lines_are_whole_and_harmless(void **unused)
{
    (void)unused;
    char number[21];
    reporter_say("site ", reporter_number(number, 18446744073709551615ull), " at \033[1m", NULL);
    assert_string_equal(said(), "leakwatch: site 18446744073709551615 at \\x1b[1m\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_are_whole_and_harmless),
        TEST(the_tool_gets_its_arguments),
        TEST(the_environment_is_the_programs_without_hazards),
        TEST(a_cleared_environment_is_no_harm),
        TEST(the_tool_starts_clean),
        TEST(neither_handler_nor_waitpid_notices),
        TEST(own_children_stay_to_be_reaped),
        TEST(children_that_nobody_waits_for_do_not_confuse),
        TEST(a_missing_tool_gives_a_plain_report),
        TEST(another_program_gives_a_plain_report),
        TEST(a_tool_that_fails_gives_a_plain_report),
        TEST(a_tool_that_cannot_be_executed_gives_a_plain_report),
        TEST(a_hanging_tool_is_left_behind_and_still_speaks),
        TEST(a_descriptor_that_is_another_file_now_is_left_alone),
        TEST(with_a_file_as_output_descriptor_2_does_not_matter),
        TEST(a_descriptor_that_was_closed_at_start_is_never_used),
        TEST(standard_output_counts_when_it_is_asked_for),
        TEST(with_output_none_nothing_is_said),
        TEST(under_a_new_seccomp_filter_no_program_is_started),
        TEST(without_a_process_left_the_report_is_plain),
        TEST(without_memory_something_is_still_said),
        TEST(the_first_process_waits_to_the_end),
    };
    if (argc < 2)
        return 2;
    stub = argv[1];
    defaults = options;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
