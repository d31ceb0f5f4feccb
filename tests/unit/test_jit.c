/* Names of JIT code: which files are believed, and that a dump is asked before a map. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "jit.h"

#define SECOND UINT64_C(1000000000)

/* Beyond any pid there can be: nobody else writes these files. */
static uint32_t pid = 4194305;
static char map_path[64], dump_path[64];

static void write_map(const char *text)
{
    FILE *file = fopen(map_path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* One piece of code at 0x1000, there since time_ns. */
static void write_dump(uint64_t time_ns, const char *name)
{
    FILE *file = fopen(dump_path, "w");
    uint32_t head[] = {0x4a695444, 1, 40, 62, 0, pid}, ids[] = {pid, pid};
    uint64_t more[] = {0, 0}, words[] = {0x1000, 0x1000, 0x100, 1};
    uint32_t record[] = {0, (uint32_t)(16 + sizeof ids + sizeof words + strlen(name) + 1)};
    assert_non_null(file);
    fwrite(head, sizeof head, 1, file);
    fwrite(more, sizeof more, 1, file);
    fwrite(record, sizeof record, 1, file);
    fwrite(&time_ns, sizeof time_ns, 1, file);
    fwrite(ids, sizeof ids, 1, file);
    fwrite(words, sizeof words, 1, file);
    fwrite(name, strlen(name) + 1, 1, file);
    fclose(file);
}

static const char *name_at(uint64_t address, uint64_t started_ns)
{
    static char answer[128];
    struct ledger_header head = {.pid = pid, .started_ns = started_ns};
    struct jitname name;
    struct jit *jit = jit_open(&head, 0);
    assert_non_null(jit);
    strcpy(answer, "-");
    if (jit_name(jit, address, jit_code(jit, address, 1000), &name) == 0) {
        snprintf(answer, sizeof answer, "%s", name.function);
        jitname_free(&name);
    }
    jit_close(jit);
    return answer;
}

static int clean(void **state)
{
    (void)state;
    unlink(map_path);
    unlink(dump_path);
    return 0;
}

static void dumps_are_asked_before_maps(void **state)
{
    (void)state;
    assert_string_equal(name_at(0x1000, 0), "-");
    write_map("1000 100 of_map\n2000 100 only_map\n");
    assert_string_equal(name_at(0x1000, 0), "of_map");
    write_dump(SECOND / 2, "of_dump");
    assert_string_equal(name_at(0x1000, 0), "of_dump");
    assert_string_equal(name_at(0x2000, 0), "only_map");
}

static void files_of_an_earlier_process_with_this_pid_are_not_believed(void **state)
{
    uint64_t now = (uint64_t)time(NULL) * SECOND;
    (void)state;
    write_map("1000 100 of_map\n");
    write_dump(1, "of_dump");
    assert_string_equal(name_at(0x1000, now - 60 * SECOND), "of_dump");
    assert_string_equal(name_at(0x1000, now + 60 * SECOND), "-");
}

static void links_and_other_users_are_not_believed(void **state)
{
    (void)state;
    assert_int_equal(symlink("/etc/passwd", map_path), 0);
    assert_string_equal(name_at(0x1000, 0), "-");
    unlink(map_path);
    if (geteuid() != 0)
        return; /* only root can give files away */
    write_map("1000 100 of_map\n");
    assert_int_equal(chown(map_path, 12345, 12345), 0);
    assert_string_equal(name_at(0x1000, 0), "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(dumps_are_asked_before_maps, clean),
        cmocka_unit_test_teardown(files_of_an_earlier_process_with_this_pid_are_not_believed, clean),
        cmocka_unit_test_teardown(links_and_other_users_are_not_believed, clean),
    };
    pid += (uint32_t)getpid(); /* several of these tests may run at once */
    snprintf(map_path, sizeof map_path, "/tmp/perf-%u.map", pid);
    snprintf(dump_path, sizeof dump_path, "/tmp/jit-%u.dump", pid);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
