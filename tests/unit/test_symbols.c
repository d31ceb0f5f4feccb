/* Names of real programs: lines, inlined calls, C++, stripped files, and files that have changed.
 * argv: symbols_target, its stripped twin, symbols_target_cxx */
#include "symbols.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger_build.h"

static const char *plain_program, *stripped_program, *cxx_program;

/* What a target says of itself. */
static uint64_t offset_in(const char *program)
{
    unsigned long offset = 0;
    FILE *in = popen(program, "r");
    assert_non_null(in);
    assert_int_equal(fscanf(in, "%lx", &offset), 1);
    pclose(in);
    return offset;
}

static void read_build_id(struct module *m, const char *program)
{
    const void *id = NULL;
    int fd = open(program, O_RDONLY);
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    ssize_t length = dwelf_elf_gnu_build_id(elf, &id);
    m->build_id_len = length > 0 ? (uint8_t)length : 0;
    if (length > 0)
        memcpy(m->build_id, id, (size_t)length);
    elf_end(elf);
    close(fd);
}

struct fixture {
    struct build build;
    struct ledger ledger;
    struct symbols *symbols;
    struct module *module;
};

static void load(struct fixture *f, const char *program)
{
    char why[256];
    f->build = build_new();
    uint32_t id = build_module(&f->build, program);
    f->module = (struct module *)(void *)(f->build.bytes + f->build.head->area[AREA_MODULES].offset) + id;
    f->build.head->started_ns = INT64_MAX; /* files are older than the process */
    read_build_id(f->module, program);
    assert_int_equal(ledger_view(&f->ledger, f->build.bytes, f->build.size, why, sizeof why), 0);
    f->symbols = symbols_open(&f->ledger, false, true);
}

static const struct spot *look_up(struct fixture *f, uint64_t offset)
{
    struct frame frame = {.module = 1, .offset = offset};
    return symbols_at(f->symbols, &frame, 0);
}

static void unload(struct fixture *f)
{
    symbols_close(f->symbols);
    build_free(&f->build);
}

static void assert_line(const struct symbol *s, const char *function, const char *file, uint32_t line,
                        bool inlined)
{
    assert_string_equal(s->function, function);
    assert_non_null(s->file);
    assert_non_null(strstr(s->file, file));
    assert_int_equal(s->line, line);
    assert_int_equal(s->inlined, inlined);
}

static void inlined_calls_are_frames_of_their_own(void **state)
{
    struct fixture f;
    (void)state;
    load(&f, plain_program);
    const struct spot *spot = look_up(&f, offset_in(plain_program));
    assert_int_equal(spot->count, 2);
    assert_line(&spot->symbols[0], "inner", "unit/symbols_target.c", 15, true);
    assert_line(&spot->symbols[1], "outer", "unit/symbols_target.c", 20, false);
    assert_ptr_equal(look_up(&f, offset_in(plain_program)), spot); /* looked up once */
    unload(&f);
}

static void names_in_namespaces_are_found(void **state)
{
    struct fixture f;
    (void)state;
    load(&f, cxx_program);
    const struct spot *spot = look_up(&f, offset_in(cxx_program));
    assert_int_equal(spot->count, 2);
    assert_line(&spot->symbols[0], "app::Store<int>::add", "symbols_target_cxx.cpp", 18, true);
    assert_line(&spot->symbols[1], "app::handle", "symbols_target_cxx.cpp", 26, false);
    unload(&f);
}

static void stripped_program_says_that_it_has_no_symbols(void **state)
{
    struct fixture f;
    struct unnamed unnamed;
    uint32_t id = 0;
    (void)state;
    load(&f, stripped_program);
    const struct spot *spot = look_up(&f, offset_in(stripped_program));
    assert_int_equal(spot->count, 1);
    assert_null(spot->symbols[0].function);
    assert_string_equal(spot->module, stripped_program);
    assert_true(symbols_unnamed(f.symbols, &id, &unnamed));
    assert_string_equal(unnamed.path, stripped_program);
    assert_string_equal(unnamed.why, "has no symbols");
    assert_false(symbols_unnamed(f.symbols, &id, &unnamed));
    unload(&f);
}

static void changed_file_gives_no_names(void **state)
{
    struct fixture f;
    struct unnamed unnamed;
    uint32_t id = 0;
    (void)state;
    load(&f, plain_program);
    f.module->build_id[3] ^= 1;
    f.module->build_id_len = 20;
    assert_null(look_up(&f, offset_in(plain_program))->symbols[0].function);
    assert_true(symbols_unnamed(f.symbols, &id, &unnamed));
    assert_string_equal(unnamed.why, "has changed since it was loaded");
    unload(&f);
}

static void files_that_are_no_programs_give_no_names(void **state)
{
    static const char *const paths[] = {"/etc/passwd", "/dev/zero", "/tmp", "/nonexistent", "[vdso]", ""};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct fixture f;
        load(&f, paths[i]);
        assert_null(look_up(&f, 0x1000)->symbols[0].function);
        unload(&f);
    }
}

/* Half an ELF file, and one with every byte of its head in doubt. */
static void broken_programs_do_no_harm(void **state)
{
    char path[] = "/tmp/leakwatch-test-elf.XXXXXX";
    struct stat st;
    (void)state;
    uint64_t offset = offset_in(plain_program);
    int in = open(plain_program, O_RDONLY), out = mkstemp(path);
    assert_true(in >= 0 && out >= 0 && fstat(in, &st) == 0);
    char *bytes = malloc((size_t)st.st_size);
    assert_int_equal(read(in, bytes, (size_t)st.st_size), st.st_size);
    close(in);
    srandom(1);
    for (int round = 0; round < 60; round++) {
        size_t size = round % 2 ? (size_t)st.st_size : (size_t)random() % (size_t)st.st_size;
        char kept[64];
        memcpy(kept, bytes, sizeof kept);
        if (round % 2)
            bytes[16 + random() % 48] ^= (char)(1 << random() % 8);
        assert_int_equal(ftruncate(out, 0), 0);
        assert_int_equal(pwrite(out, bytes, size, 0), (ssize_t)size);
        memcpy(bytes, kept, sizeof kept);
        struct fixture f;
        load(&f, plain_program);
        uint32_t id = build_module(&f.build, path);
        struct module *m = f.module + id - 1;
        memcpy(m->build_id, f.module->build_id, sizeof m->build_id);
        m->build_id_len = f.module->build_id_len;
        symbols_close(f.symbols);
        f.ledger.used[AREA_MODULES]++;
        f.ledger.used[AREA_TEXT] = f.build.head->area[AREA_TEXT].used;
        f.symbols = symbols_open(&f.ledger, false, true);
        struct frame frame = {.module = id, .offset = offset};
        assert_non_null(symbols_at(f.symbols, &frame, 0));
        unload(&f);
    }
    free(bytes);
    close(out);
    unlink(path);
}

static void frames_in_no_module_stay_addresses(void **state)
{
    struct fixture f;
    (void)state;
    load(&f, plain_program);
    struct frame jit = {.module = 0, .offset = 0x7f0000001000}, beyond = {.module = 9999, .offset = 1};
    assert_null(symbols_at(f.symbols, &jit, 0)->symbols[0].function);
    assert_null(symbols_at(f.symbols, &beyond, 0)->symbols[0].function);
    unload(&f);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inlined_calls_are_frames_of_their_own),
        cmocka_unit_test(names_in_namespaces_are_found),
        cmocka_unit_test(stripped_program_says_that_it_has_no_symbols),
        cmocka_unit_test(changed_file_gives_no_names),
        cmocka_unit_test(files_that_are_no_programs_give_no_names),
        cmocka_unit_test(broken_programs_do_no_harm),
        cmocka_unit_test(frames_in_no_module_stay_addresses),
    };
    if (argc != 4)
        return 2;
    plain_program = argv[1];
    stripped_program = argv[2];
    cxx_program = argv[3];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
