/* Reporter, where LEAKWATCH_OUTPUT is a file: who says what where. tool_stub.c plays the tool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "book.h"
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
    said_file = memfd_create("said", 0);
    real_stderr = dup(2);
    dup2(said_file, 2);
    reporter_init("/nowhere/libleakwatch.so");
    return setenv("STUB", "arguments", 1);
}

static int tear_down(void **unused)
{
    (void)unused;
    dup2(real_stderr, 2);
    close(real_stderr);
    return close(said_file);
}

static const char *said(void)
{
    static char text[4096];
    ssize_t n = pread(said_file, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static char folder[] = "/tmp/leakwatch-reporter-XXXXXX", pattern[64], file[64], other_file[64];

static void report_into_a_file(uint32_t pid, uint32_t root_pid)
{
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(pattern, sizeof pattern, "%s/%%n.%%p", folder);
    snprintf(file, sizeof file, "%s/prog.%u", folder, pid);
    snprintf(other_file, sizeof other_file, "%s/other", folder);
    options.output = pattern;
    strcpy(book.head->program, "prog");
    book.head->pid = pid;
    book.head->root_pid = root_pid;
}

static void remove_files(void)
{
    unlink(file);
    unlink(other_file);
    rmdir(folder);
    book.head->pid = book.head->root_pid = 0;
}

/* How often the file says so; -1: there is none. */
static int count_in_file(const char *words)
{
    char text[4096];
    int fd = open(file, O_RDONLY), found = 0;
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd < 0)
        return -1;
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    for (char *at = text; (at = strstr(at, words)) != NULL; at++)
        found++;
    return found;
}

static void a_plain_report_goes_into_the_file(void **unused)
{
    (void)unused;
    report_into_a_file(7, 3);
    reporter_plain();
    int once = count_in_file("leakwatch: no site grows");
    reporter_plain();
    int twice = count_in_file("leakwatch: no site grows");
    remove_files();
    assert_int_equal(once, 1);
    assert_int_equal(twice, 2);
    assert_string_equal(said(), "");
}

static void only_the_first_process_complains_beside_the_file(void **unused)
{
    (void)unused;
    report_into_a_file(7, 3);
    options.output = "/nonexistent/folder/%p";
    reporter_plain();
    bool given = reporter_report("/dev/null"); /* what the tool says on descriptor 2 */
    bool silent = strcmp(said(), "") == 0;
    book.head->root_pid = 7;
    reporter_plain();
    remove_files();
    assert_true(given);
    assert_true(silent);
    assert_non_null(strstr(said(), "leakwatch: no site grows"));
}

static void a_plain_report_follows_no_link_and_is_no_json(void **unused)
{
    (void)unused;
    struct stat s = {.st_size = -1};
    report_into_a_file(7, 3);
    close(open(other_file, O_WRONLY | O_CREAT, 0600));
    assert_int_equal(symlink(other_file, file), 0);
    reporter_plain();
    unlink(file);
    assert_int_equal(link(other_file, file), 0);
    reporter_plain();
    unlink(file);
    stat(other_file, &s);
    options.json = true;
    reporter_plain();
    int found = count_in_file("leakwatch");
    remove_files();
    assert_int_equal(s.st_size, 0);
    assert_int_equal(found, -1);
    assert_string_equal(said(), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_plain_report_goes_into_the_file),
        TEST(only_the_first_process_complains_beside_the_file),
        TEST(a_plain_report_follows_no_link_and_is_no_json),
    };
    if (argc < 2)
        return 2;
    stub = argv[1];
    defaults = options;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
