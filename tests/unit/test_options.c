/* Options: every kind of value, right and wrong; the complaints; the initial stack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options.h"

static struct options defaults;
static const char *probe, *probe_execstack;

/* Parses an environment of at most 39 entries; the list ends with NULL. */
static void given(const char *first, ...)
{
    static const char *envp[40];
    va_list rest;
    int n = 0;
    va_start(rest, first);
    for (const char *e = first; e && n < 39; e = va_arg(rest, const char *))
        envp[n++] = e;
    va_end(rest);
    envp[n] = NULL;
    options = defaults;
    options_parse(envp);
}

/* What options_complain writes to descriptor 2. */
static const char *complaints(void)
{
    static char said[65536];
    int saved = dup(2), file = memfd_create("said", 0);
    assert_true(saved >= 0 && file >= 0);
    dup2(file, 2);
    options_complain();
    dup2(saved, 2);
    ssize_t n = pread(file, said, sizeof said - 1, 0);
    assert_true(n >= 0);
    said[n] = '\0';
    close(saved);
    close(file);
    return said;
}

static void assert_said(const char *words)
{
    const char *said = complaints();
    if (!strstr(said, words))
        fail_msg("expected \"%s\" in: %s", words, said);
}

static void assert_silent(void)
{
    assert_string_equal(complaints(), "");
}

/* The entry is refused: one line names variable and value, and nothing has changed. */
static void assert_refused(const char *entry)
{
    given(entry, NULL);
    assert_memory_equal(&options, &defaults, sizeof options);
    assert_null(options_entries()[0]);
    const char *said = complaints();
    if (!strstr(said, entry) || !strstr(said, "not understood") ||
        strchr(said, '\n') != said + strlen(said) - 1)
        fail_msg("%s: %s", entry, said);
}

static void defaults_are_those_of_the_interface(void **unused)
{
    (void)unused;
    given("HOME=/", "PATH=/bin", NULL);
    assert_string_equal(options.output, "stderr");
    assert_false(options.json);
    assert_null(options.ledger);
    assert_int_equal(options.interval_ms, 1000);
    assert_int_equal(options.sample_bytes, 0);
    assert_int_equal(options.depth, 128);
    assert_int_equal(options.min_bytes, 65536);
    assert_int_equal(options.warmup_ms, 0);
    assert_int_equal(options.top, 10);
    assert_true(options.mmap);
    assert_int_equal(options.children, CHILDREN_FLAGGED);
    assert_null(options.suppressions);
    assert_int_equal(options.exitcode, 0);
    assert_false(options.announce);
    assert_int_equal(options.signal, 0);
    assert_null(options.tool);
    assert_int_equal(options.verbose, 0);
    assert_int_equal(options.root_pid, 0);
    assert_silent();
}

static void every_variable_reaches_its_field(void **unused)
{
    (void)unused;
    given("LEAKWATCH_OUTPUT=/tmp/%p-%n-%t-%h-100%%", "LEAKWATCH_FORMAT=json", "LEAKWATCH_LEDGER=l%p",
          "LEAKWATCH_INTERVAL=250ms", "LEAKWATCH_SAMPLE=512k", "LEAKWATCH_DEPTH=256",
          "LEAKWATCH_MIN_BYTES=1m", "LEAKWATCH_WARMUP=5s", "LEAKWATCH_TOP=3", "LEAKWATCH_MMAP=0",
          "LEAKWATCH_CHILDREN=all", "LEAKWATCH_SUPPRESSIONS=/s", "LEAKWATCH_EXITCODE=23",
          "LEAKWATCH_ANNOUNCE=1", "LEAKWATCH_SIGNAL=USR2", "LEAKWATCH_TOOL=/t", "LEAKWATCH_VERBOSE=2",
          "LEAKWATCH_ROOT=4711", NULL);
    assert_string_equal(options.output, "/tmp/%p-%n-%t-%h-100%%");
    assert_true(options.json);
    assert_string_equal(options.ledger, "l%p");
    assert_int_equal(options.interval_ms, 250);
    assert_int_equal(options.sample_bytes, 524288);
    assert_int_equal(options.depth, 256);
    assert_int_equal(options.min_bytes, 1048576);
    assert_int_equal(options.warmup_ms, 5000);
    assert_int_equal(options.top, 3);
    assert_false(options.mmap);
    assert_int_equal(options.children, CHILDREN_ALL);
    assert_string_equal(options.suppressions, "/s");
    assert_int_equal(options.exitcode, 23);
    assert_true(options.announce);
    assert_int_equal(options.signal, SIGUSR2);
    assert_string_equal(options.tool, "/t");
    assert_int_equal(options.verbose, 2);
    assert_int_equal(options.root_pid, 4711);
    assert_string_equal(options_entries()[17], "LEAKWATCH_ROOT=4711");
    assert_null(options_entries()[18]);
}

static uint64_t interval(const char *entry)
{
    given(entry, NULL);
    assert_silent();
    return options.interval_ms;
}

static uint64_t sample(const char *entry)
{
    given(entry, NULL);
    assert_silent();
    return options.sample_bytes;
}

static void units_are_applied(void **unused)
{
    (void)unused;
    assert_int_equal(interval("LEAKWATCH_INTERVAL=1ms"), 1);
    assert_int_equal(interval("LEAKWATCH_INTERVAL=007s"), 7000);
    assert_int_equal(interval("LEAKWATCH_INTERVAL=2m"), 120000);
    assert_int_equal(interval("LEAKWATCH_INTERVAL=24h"), 86400000);
    assert_int_equal(sample("LEAKWATCH_SAMPLE=0"), 0);
    assert_int_equal(sample("LEAKWATCH_SAMPLE=4096"), 4096);
    assert_int_equal(sample("LEAKWATCH_SAMPLE=3K"), 3072);
    assert_int_equal(sample("LEAKWATCH_SAMPLE=3M"), 3145728);
    assert_int_equal(sample("LEAKWATCH_SAMPLE=1024g"), 1ull << 40);
    given("LEAKWATCH_WARMUP=0", NULL);
    assert_silent();
}

static int signal_of(const char *value)
{
    char entry[64];
    snprintf(entry, sizeof entry, "LEAKWATCH_SIGNAL=%s", value);
    given(entry, NULL);
    assert_silent();
    return options.signal;
}

static void signals_have_names_and_numbers(void **unused)
{
    (void)unused;
    assert_int_equal(signal_of("USR2"), SIGUSR2);
    assert_int_equal(signal_of("SIGUSR2"), SIGUSR2);
    assert_int_equal(signal_of("12"), 12);
    assert_int_equal(signal_of("POLL"), SIGPOLL);
    assert_int_equal(signal_of("RTMIN"), SIGRTMIN);
    assert_int_equal(signal_of("SIGRTMIN+1"), SIGRTMIN + 1);
    assert_int_equal(signal_of("RTMAX-2"), SIGRTMAX - 2);
    assert_int_equal(signal_of("64"), 64);
    assert_int_equal(signal_of("none"), 0);
    assert_int_equal(signal_of("0"), 0);
}

static void malformed_values_are_refused(void **unused)
{
    (void)unused;
    static const char *const wrong[] = {
        "OUTPUT=",
        "OUTPUT=%",
        "OUTPUT=/tmp/%q",
        "OUTPUT=a%",
        "FORMAT=",
        "FORMAT=JSON",
        "FORMAT=xml",
        "LEDGER=",
        "LEDGER=%d",
        "INTERVAL=",
        "INTERVAL=5",
        "INTERVAL=0",
        "INTERVAL=0s",
        "INTERVAL=-1s",
        "INTERVAL=1.5s",
        "INTERVAL=s",
        "INTERVAL=1d",
        "INTERVAL=1 s",
        "INTERVAL=1ss",
        "INTERVAL=25h",
        "INTERVAL=fast",
        "INTERVAL=18446744073709551616ms",
        "INTERVAL=18446744073709551615h",
        "SAMPLE=-1",
        "SAMPLE=k",
        "SAMPLE=1t",
        "SAMPLE=1kb",
        "SAMPLE=1 k",
        "SAMPLE=0x10",
        "SAMPLE=1025g",
        "SAMPLE=18446744073709551615g",
        "SAMPLE=99999999999999999999",
        "SAMPLE=1 ",
        "DEPTH=0",
        "DEPTH=257",
        "DEPTH=-1",
        "DEPTH=ten",
        "DEPTH=1k",
        "DEPTH=4294967297",
        "MIN_BYTES=",
        "MIN_BYTES=m",
        "WARMUP=5",
        "WARMUP=1y",
        "WARMUP=9000h",
        "TOP=-1",
        "TOP=100001",
        "TOP=",
        "MMAP=2",
        "MMAP=yes",
        "MMAP=",
        "MMAP=00",
        "CHILDREN=",
        "CHILDREN=some",
        "CHILDREN=allx",
        "SUPPRESSIONS=",
        "EXITCODE=256",
        "EXITCODE=-1",
        "EXITCODE=",
        "ANNOUNCE=true",
        "SIGNAL=",
        "SIGNAL=SIG",
        "SIGNAL=USR3",
        "SIGNAL=usr2",
        "SIGNAL=KILL",
        "SIGNAL=9",
        "SIGNAL=19",
        "SIGNAL=SEGV",
        "SIGNAL=11",
        "SIGNAL=32",
        "SIGNAL=33",
        "SIGNAL=65",
        "SIGNAL=RTMIN+31",
        "SIGNAL=RTMIN-1",
        "SIGNAL=RTMAX+1",
        "SIGNAL=RTMIN+",
        "SIGNAL=RTMIN+1x",
        "TOOL=",
        "VERBOSE=3",
        "VERBOSE=",
        "ROOT=0",
        "ROOT=x",
        "ROOT=99999999",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char entry[100];
        snprintf(entry, sizeof entry, "LEAKWATCH_%s", wrong[i]);
        assert_refused(entry);
    }
}

static void a_refusal_says_what_is_accepted(void **unused)
{
    (void)unused;
    given("LEAKWATCH_INTERVAL=fast", NULL);
    assert_said("leakwatch: LEAKWATCH_INTERVAL=fast: not understood, the default is used; "
                "LEAKWATCH_INTERVAL: a time");
    given("LEAKWATCH_CHILDREN=some", NULL);
    assert_said("flagged, all or none");
}

static void unknown_names_get_the_nearest_one(void **unused)
{
    (void)unused;
    static const char *const pairs[][2] = {
        {"LEAKWATCH_INTERVL=5s", "nearest is LEAKWATCH_INTERVAL:"},
        {"LEAKWATCH_OUTPT=x", "nearest is LEAKWATCH_OUTPUT:"},
        {"LEAKWATCH_MINBYTES=x", "nearest is LEAKWATCH_MIN_BYTES:"},
        {"LEAKWATCH_EXIT_CODE=1", "nearest is LEAKWATCH_EXITCODE:"},
        {"LEAKWATCH_CHILD=all", "nearest is LEAKWATCH_CHILDREN:"},
        {"LEAKWATCH_SUPRESIONS=f", "nearest is LEAKWATCH_SUPPRESSIONS:"},
        {"LEAKWATCH_TOPP=f", "nearest is LEAKWATCH_TOP:"},
        {"LEAKWATCH_verbose=1", "nearest is LEAKWATCH_"},
        {"LEAKWATCH_=1", "nearest is LEAKWATCH_TOP:"},
        {"LEAKWATCH_OUTPUT_FILE_OF_MINE_THAT_IS_LONG=1", "nearest is LEAKWATCH_"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        given(pairs[i][0], NULL);
        assert_said(pairs[i][0]);
        assert_said(pairs[i][1]);
        assert_null(options_entries()[0]);
    }
}

static void foreign_bytes_are_neutralised_and_cut(void **unused)
{
    (void)unused;
    given("LEAKWATCH_FORMAT=\033[31mred\n\x9b \xc3\xa4 \xc2\x9b \xff", NULL);
    assert_said("=\\x1b[31mred\\x0a\\x9b \xc3\xa4 \\xc2\\x9b \\xff: not understood");
    char entry[8192] = "LEAKWATCH_FORMAT=";
    memset(entry + 17, 'x', sizeof entry - 18);
    given(entry, NULL);
    assert_said("xxx...: not understood");
    assert_true(strlen(complaints()) < 300);
}

static void entries_that_are_not_ours_are_not_looked_at(void **unused)
{
    (void)unused;
    given("LEAKWATCH=1", "LEAKWATCH_INTERVAL", "leakwatch_top=1", "XLEAKWATCH_TOP=x", "", "=", NULL);
    assert_silent();
    assert_null(options_entries()[0]);
}

static void the_first_of_two_counts(void **unused)
{
    (void)unused;
    given("LEAKWATCH_TOP=1", "LEAKWATCH_TOP=wrong", NULL);
    assert_int_equal(options.top, 1);
    assert_silent();
}

static void only_the_root_complains(void **unused)
{
    (void)unused;
    given("LEAKWATCH_TOP=x", "LEAKWATCH_ROOT=17", NULL);
    assert_silent();
}

static void many_mistakes_are_counted(void **unused)
{
    (void)unused;
    const char *wrong[31];
    for (int i = 0; i < 30; i++)
        wrong[i] = "LEAKWATCH_NONSENSE=1";
    wrong[30] = NULL;
    options = defaults;
    options_parse(wrong);
    assert_said("and 14 more LEAKWATCH_* settings");
}

static void texts_outlive_the_environment(void **unused)
{
    (void)unused;
    char entry[] = "LEAKWATCH_OUTPUT=/tmp/x";
    given(entry, NULL);
    memset(entry, 'X', sizeof entry - 1);
    assert_string_equal(options.output, "/tmp/x");
    assert_string_equal(options_entries()[0], "LEAKWATCH_OUTPUT=/tmp/x");
}

/* ---- in a process of its own ---- */

/* Runs program with LEAKWATCH_OUTPUT=/kept and one argument; what it prints. uid: 0 = as we are. */
static const char *run(const char *program, const char *argument, uid_t uid)
{
    static char said[8192];
    char *argv[] = {"the program", (char *)(size_t)argument, NULL};
    char *envp[] = {"A=1", "LEAKWATCH_OUTPUT=/kept", "LEAKWATCH_INTERVAL=3s", NULL};
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        if (uid && setresuid(uid, uid, uid) != 0)
            _exit(2);
        execve(program, argv, envp);
        _exit(1);
    }
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got; (got = read(ends[0], said + n, sizeof said - 1 - n)) > 0;)
        n += (size_t)got;
    said[n] = '\0';
    close(ends[0]);
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    return said;
}

#define READ "output /kept\ninterval 3000\nentry LEAKWATCH_OUTPUT=/kept\nentry LEAKWATCH_INTERVAL=3s\n"

static void the_initial_stack_is_read(void **unused)
{
    (void)unused;
    assert_string_equal(run(probe, "x y", 0), "argc 2\nargv the program\nargv x y\n" READ);
}

static void a_title_over_the_environment_harms_nothing(void **unused)
{
    (void)unused;
    assert_non_null(strstr(run(probe, "clobber", 0), READ));
}

static void an_executable_stack_harms_nothing(void **unused)
{
    (void)unused;
    assert_non_null(strstr(run(probe_execstack, "x", 0), READ));
}

static void copy_file(const char *from, const char *to, mode_t mode)
{
    char buffer[65536];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0700);
    assert_true(in >= 0 && out >= 0);
    for (ssize_t n; (n = read(in, buffer, sizeof buffer)) > 0;)
        assert_int_equal(write(out, buffer, (size_t)n), n);
    assert_int_equal(fchmod(out, mode), 0);
    close(in);
    close(out);
}

#define NOBODY 65534

static void a_setuid_process_reads_nothing(void **unused)
{
    (void)unused;
    if (geteuid() != 0)
        skip();
    char folder[] = "/tmp/leakwatch-options-XXXXXX", program[64];
    assert_non_null(mkdtemp(folder));
    chmod(folder, 0755);
    snprintf(program, sizeof program, "%s/probe", folder);
    copy_file(probe, program, 04755);
    const char *said = run(program, "x", NOBODY);
    assert_non_null(strstr(said, "output stderr\ninterval 1000\n"));
    assert_null(strstr(said, "entry"));
    unlink(program);
    rmdir(folder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_interface),
        cmocka_unit_test(every_variable_reaches_its_field),
        cmocka_unit_test(units_are_applied),
        cmocka_unit_test(signals_have_names_and_numbers),
        cmocka_unit_test(malformed_values_are_refused),
        cmocka_unit_test(a_refusal_says_what_is_accepted),
        cmocka_unit_test(unknown_names_get_the_nearest_one),
        cmocka_unit_test(foreign_bytes_are_neutralised_and_cut),
        cmocka_unit_test(entries_that_are_not_ours_are_not_looked_at),
        cmocka_unit_test(the_first_of_two_counts),
        cmocka_unit_test(only_the_root_complains),
        cmocka_unit_test(many_mistakes_are_counted),
        cmocka_unit_test(texts_outlive_the_environment),
        cmocka_unit_test(the_initial_stack_is_read),
        cmocka_unit_test(a_title_over_the_environment_harms_nothing),
        cmocka_unit_test(an_executable_stack_harms_nothing),
        cmocka_unit_test(a_setuid_process_reads_nothing),
    };
    if (argc < 3)
        return 2;
    probe = argv[1];
    probe_execstack = argv[2];
    defaults = options;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
