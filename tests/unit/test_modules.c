/* Modules: recorded on first sight, noticed when gone, told apart when another takes the same place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "book.h"
#include "capture.h"
#include "modules.h"
#include "rules.h"
#include "stub_book.h"

#define NOINLINE   __attribute__((noinline))
#define MOST_LOADS 200

static struct walk walk;
static const char *plugins[3]; /* two of one size, which take the same place in turn, and a larger one */

static NOINLINE uintptr_t here(void)
{
    return (uintptr_t)__builtin_return_address(0);
}

static void places_are_module_and_offset(void **unused)
{
    char self[4096];
    (void)unused;
    uintptr_t pc = here();
    struct place place = module_place(pc), again = module_place(pc + 1);
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(length > 0);
    self[length] = 0;
    assert_int_not_equal(place.module, 0);
    const struct module *module = book_module(place.module);
    assert_string_equal(stub_text(module->path), self);
    assert_int_equal(module->base + place.offset, pc);
    assert_in_range(pc, module->start, module->end - 1);
    assert_true(module->build_id_len > 0);
    assert_int_equal(again.module, place.module);
    assert_int_equal(again.offset, place.offset + 1);
    struct place library = module_place((uintptr_t)dlsym(RTLD_DEFAULT, "gnu_get_libc_version"));
    assert_int_not_equal(library.module, place.module);
    assert_non_null(strstr(stub_text(book_module(library.module)->path), "libc.so"));
}

static void code_in_no_object_keeps_its_address(void **unused)
{
    (void)unused;
    struct place place = module_place(0x1234);
    assert_int_equal(place.module, 0);
    assert_int_equal(place.offset, 0x1234);
}

/* ---- plugins ---- */

static NOINLINE int take_a_walk(void)
{
    struct caller who = cpu_caller(__builtin_frame_address(0));
    capture(&walk, &who, WALK_MAX);
    __asm__ volatile("");
    return 1;
}

struct visit {
    struct place place;
    uint64_t hash;
    uintptr_t pc;
};

/* Loads the plugin, has it call us, unloads it: where was the plugin's frame? */
static struct visit visit(const char *path)
{
    struct visit visit = {.hash = 0};
    void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(plugin);
    int (*call)(int (*)(void));
    *(void **)&call = dlsym(plugin, "plugin_call");
    assert_int_equal(call(take_a_walk), 2);
    assert_true(walk.count > 4); /* through the plugin down to main: the rule is this plugin's */
    assert_int_equal(walk.frames[0].flags & FRAME_CUT, 0);
    visit.pc = walk.frames[walk.count - 1].pc;
    visit.hash = walk.hash;
    visit.place = module_place(visit.pc);
    modules_before_dlclose();
    dlclose(plugin);
    modules_note_dlclose();
    return visit;
}

static void an_unloaded_plugin_is_gone_and_the_epoch_moves(void **unused)
{
    (void)unused;
    modules_check();
    uint32_t epoch = module_epoch;
    struct visit first = visit(plugins[0]);
    assert_int_not_equal(first.place.module, 0);
    assert_int_equal(module_epoch, epoch + 1);
    assert_int_equal(book.head->epoch, epoch + 1);
    assert_int_equal(book_module(first.place.module)->gone, 1);
    modules_check(); /* nothing is due */
    assert_int_equal(module_epoch, epoch + 1);
    assert_int_equal(rules_find(first.pc, module_epoch), 0);
}

static void a_plugin_that_comes_and_goes_is_one_module(void **unused)
{
    (void)unused;
    struct visit first = visit(plugins[0]);
    uint32_t before = stub_modules(), epoch = module_epoch;
    for (int i = 0; i < MOST_LOADS; i++) { /* three times round the six bits of the epoch in a rule */
        struct visit next = visit(plugins[0]);
        if (next.pc == first.pc)
            assert_int_equal(next.place.module, first.place.module);
    }
    assert_int_equal(module_epoch, epoch + MOST_LOADS);
    assert_true(stub_modules() - before <= 3); /* the loader may use another place now and then */
}

static void two_plugins_in_turn_at_one_place_are_two_modules(void **unused)
{
    int met = 0;
    (void)unused;
    for (int i = 0; i < 20; i++) {
        struct visit a = visit(plugins[0]);
        struct visit b = visit(plugins[1]);
        assert_int_not_equal(a.place.module, b.place.module);
        met += a.pc - a.place.offset == b.pc - b.place.offset;
    }
    print_message("%d of 20 times at the same place\n", met);
}

/* Unloaded without a word (libc does that with NSS and gconv modules): another object is not taken for it. */
static void an_unnoticed_change_is_noticed_by_the_next_lookup(void **unused)
{
    (void)unused;
    void *quiet = dlopen(plugins[0], RTLD_NOW | RTLD_LOCAL);
    struct place place = module_place((uintptr_t)dlsym(quiet, "plugin_call"));
    dlclose(quiet);
    void *other = dlopen(plugins[2], RTLD_NOW | RTLD_LOCAL);
    struct place second = module_place((uintptr_t)dlsym(other, "plugin_call"));
    assert_int_not_equal(place.module, 0);
    assert_int_not_equal(place.module, second.module);
    modules_before_dlclose();
    dlclose(other);
    modules_note_dlclose();
    assert_int_equal(book_module(place.module)->gone, 1);
    assert_int_equal(book_module(second.module)->gone, 1);
}

/* ---- threads ---- */

static int stop;

static void *ask_for_ever(void *argument)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        assert_int_not_equal(module_place(here()).module, 0);
        modules_check();
    }
    return argument;
}

static void lookups_and_checks_run_beside_loading_and_unloading(void **unused)
{
    pthread_t threads[3];
    (void)unused;
    for (int i = 0; i < 3; i++)
        pthread_create(threads + i, NULL, ask_for_ever, NULL);
    for (int i = 0; i < MOST_LOADS; i++)
        visit(plugins[i % 2]);
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_module_and_offset),
        cmocka_unit_test(code_in_no_object_keeps_its_address),
        cmocka_unit_test(an_unloaded_plugin_is_gone_and_the_epoch_moves),
        cmocka_unit_test(a_plugin_that_comes_and_goes_is_one_module),
        cmocka_unit_test(two_plugins_in_turn_at_one_place_are_two_modules),
        cmocka_unit_test(an_unnoticed_change_is_noticed_by_the_next_lookup),
        cmocka_unit_test(lookups_and_checks_run_beside_loading_and_unloading),
    };
    const char *problem = capture_init();
    if (problem || argc != 4) {
        print_message("skipped: %s\n", problem ? problem : "usage: test_modules PLUGIN PLUGIN LARGER");
        return 77;
    }
    for (int i = 0; i < 3; i++)
        plugins[i] = argv[i + 1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
