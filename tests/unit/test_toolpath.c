/* Toolpath: every place where the `leakwatch` program may lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options.h"
#include "toolpath.h"

static const char *stub; /* any program */

/* Runs this program again, in folder, as `test --find library`; what it prints. */
static const char *find(const char *folder, const char *path, const char *library)
{
    static char found[TOOLPATH_MAX];
    char variable[300];
    int ends[2], status;
    snprintf(variable, sizeof variable, "PATH=%s", path);
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char *argv[] = {"test", "--find", (char *)(size_t)library, NULL}, *envp[] = {variable, NULL};
        dup2(ends[1], 1);
        if (chdir(folder) == 0)
            execve("/proc/self/exe", argv, envp);
        _exit(1);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], found, sizeof found - 1);
    found[n > 0 ? n : 0] = '\0';
    close(ends[0]);
    waitpid(pid, &status, 0);
    return found;
}

static void the_tool_is_found_where_it_is_installed(void **unused)
{
    (void)unused;
    char root[] = "/tmp/leakwatch-root-XXXXXX", path[128], expected[200];
    static const char *const folders[] = {"bin", "lib", "lib/x86_64-linux-gnu", "elsewhere"};
    assert_non_null(mkdtemp(root));
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", root, folders[i]);
        mkdir(path, 0755);
    }
    snprintf(path, sizeof path, "%s/bin/leakwatch", root);
    assert_int_equal(symlink(stub, path), 0);

    snprintf(expected, sizeof expected, "%s/bin/leakwatch", root);
    char library[200];
    snprintf(library, sizeof library, "%s/bin/libleakwatch.so", root);
    assert_string_equal(find("/", "/nowhere", library), expected);
    snprintf(expected, sizeof expected, "%s/./bin/leakwatch", root);
    assert_string_equal(find(root, "/nowhere", "./bin/libleakwatch.so"), expected);
    snprintf(library, sizeof library, "%s/lib/libleakwatch.so", root);
    snprintf(expected, sizeof expected, "%s/lib/../bin/leakwatch", root);
    assert_string_equal(find("/", "/nowhere", library), expected);
    snprintf(library, sizeof library, "%s/lib/x86_64-linux-gnu/libleakwatch.so", root);
    snprintf(expected, sizeof expected, "%s/lib/x86_64-linux-gnu/../../bin/leakwatch", root);
    assert_string_equal(find("/", "/nowhere", library), expected);

    snprintf(expected, sizeof expected, "%s/bin/leakwatch", root);
    snprintf(path, sizeof path, "bin::/nowhere:%s/elsewhere:%s/bin", root, root);
    assert_string_equal(find(root, path, "/nowhere/libleakwatch.so"), expected);
    assert_string_equal(find(root, "/nowhere", "/nowhere/libleakwatch.so"), "");
    assert_string_equal(find(root, "", ""), "");

    snprintf(path, sizeof path, "rm -rf %s", root);
    assert_int_equal(system(path), 0);
}

static void a_tool_that_was_named_is_taken_or_none(void **unused)
{
    (void)unused;
    char found[TOOLPATH_MAX], expected[TOOLPATH_MAX], here[TOOLPATH_MAX - 20];
    options.tool = stub;
    toolpath_find(found, NULL);
    assert_string_equal(found, stub);
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir("/proc/self"), 0); /* its "exe" is this program */
    options.tool = "exe";
    toolpath_find(found, NULL);
    snprintf(expected, sizeof expected, "/proc/%d/exe", (int)getpid());
    assert_string_equal(found, expected);
    assert_int_equal(chdir(here), 0);
    static const char *const wrong[] = {"/", "/dev/null", "/etc/passwd", "/nowhere", "nowhere"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        options.tool = wrong[i];
        toolpath_find(found, stub);
        assert_string_equal(found, "");
    }
    static char endless[2 * TOOLPATH_MAX];
    memset(endless, 'x', sizeof endless - 1);
    options.tool = endless;
    toolpath_find(found, NULL);
    assert_string_equal(found, "");
    options.tool = NULL;
}

static int find_and_say(const char *library)
{
    static char found[TOOLPATH_MAX];
    toolpath_find(found, library);
    return write(1, found, strlen(found)) < 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tool_is_found_where_it_is_installed),
        cmocka_unit_test(a_tool_that_was_named_is_taken_or_none),
    };
    if (argc == 3 && strcmp(argv[1], "--find") == 0)
        return find_and_say(argv[2]);
    if (argc < 2)
        return 2;
    stub = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
