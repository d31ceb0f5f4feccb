/* Which frames may not name a site. And the demangler, whose output the patterns are written for. */
#include "wrappers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "demangle.h"

static void allocators_and_their_wrappers_are_skipped(void **state)
{
    static const char *const yes[] = {
        "malloc",
        "calloc",
        "realloc",
        "operator new",
        "operator new[]",
        "strdup",
        "__strdup",
        "xmalloc",
        "xrealloc",
        "g_malloc0",
        "g_strdup",
        "zmalloc",
        "zmalloc_usable",
        "PyObject_Malloc",
        "PyMem_RawMalloc",
        "_PyObject_GC_New",
        "sqlite3Malloc",
        "sqlite3DbMallocRawNN",
        "l_alloc",
        "luaM_realloc_",
        "luaM_malloc_",
        "mmap",
        "std::vector<int, std::allocator<int> >::_M_realloc_insert<int>",
        "std::__cxx11::basic_string<char>::_M_create",
        "__gnu_cxx::new_allocator<int>::allocate",
        "alloc::raw_vec::RawVec<T,A>::grow_amortized",
        "__rust_alloc",
        "<alloc::string::String as core::clone::Clone>::clone",
        "hashbrown::raw::RawTable<T,A>::reserve_rehash",
    };
    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!wrappers_has(yes[i], "/usr/bin/program"))
            fail_msg("%s should be skipped", yes[i]);
}

static void functions_of_programs_are_not(void **state)
{
    static const char *const no[] = {
        "main",           "remember",     "app::Store<std::string>::add",
        "mallocate",      "my_mapper",    "strdup_list",
        "luaH_newkey",    "luaV_execute", "sqlite3VdbeExec",
        "PyDict_SetItem", "dictAdd",      "scriptingCreate",
        "g_list_append",  "newstd",       "fopen",
        "getaddrinfo",    "xml_parse",
    };
    (void)state;
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (wrappers_has(no[i], "/usr/bin/program"))
            fail_msg("%s should name a site", no[i]);
}

static void modules_count_where_names_are_missing(void **state)
{
    (void)state;
    assert_true(wrappers_has("anything", "/opt/libleakwatch.so"));
    assert_true(wrappers_has(NULL, "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"));
    assert_true(wrappers_has(NULL, "/lib/x86_64-linux-gnu/libc.so.6"));
    assert_false(wrappers_has("fopen", "/lib/x86_64-linux-gnu/libc.so.6"));
    assert_false(wrappers_has(NULL, "/usr/bin/program"));
    assert_false(wrappers_has(NULL, NULL));
}

static void what_runs_before_main_is_known(void **state)
{
    (void)state;
    assert_true(wrappers_is_start("_start") && wrappers_is_start("__libc_start_main_impl"));
    assert_true(wrappers_is_start("start_thread") && wrappers_is_start("std::rt::lang_start_internal"));
    assert_false(wrappers_is_start("main") || wrappers_is_start(NULL));
}

static void assert_demangled(const char *symbol, const char *expected)
{
    char *name = demangle(symbol);
    assert_string_equal(name, expected);
    free(name);
}

static void names_are_as_their_authors_wrote_them(void **state)
{
    (void)state;
    assert_demangled("remember", "remember");
    assert_demangled("_ZN3app5StoreIiE3addEi", "app::Store<int>::add");
    assert_demangled("_ZN12_GLOBAL__N_17handlerEv", "(anonymous namespace)::handler");
    assert_demangled("_Znwm", "operator new");
    assert_demangled(
        "_ZNSt6vectorIiSaIiEE17_M_realloc_insertIJiEEEvN9__gnu_cxx17__normal_iteratorIPiS1_EEDpOT_",
        "std::vector<int, std::allocator<int> >::_M_realloc_insert<int>");
    assert_demangled("_ZN5cache5Cache8remember17h0123456789abcdefE", "cache::Cache::remember");
    assert_demangled("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar");
    assert_demangled("remember.constprop.0", "remember");
    assert_demangled("remember.part.1.isra.0", "remember");
    assert_demangled("_ZN3app3runEv.cold", "app::run");
    assert_demangled("__GI___strdup", "__strdup");
}

static void strange_symbols_come_back_whole(void **state)
{
    (void)state;
    assert_demangled("", "");
    assert_demangled("_Z", "_Z");
    assert_demangled("_ZN", "_ZN");
    assert_demangled("_R", "_R");
    assert_demangled("_Z\033[31m", "_Z\033[31m");
    assert_demangled(".cold", ".cold");
    char *deep = calloc(1, 20000);
    for (int i = 0; i < 19000; i++)
        deep[i] = i < 2 ? "_Z"[i] : 'P';
    free(demangle(deep));
    free(deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocators_and_their_wrappers_are_skipped),
        cmocka_unit_test(functions_of_programs_are_not),
        cmocka_unit_test(modules_count_where_names_are_missing),
        cmocka_unit_test(what_runs_before_main_is_known),
        cmocka_unit_test(names_are_as_their_authors_wrote_them),
        cmocka_unit_test(strange_symbols_come_back_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
