# The loader: plugins that come and go, other ways to load, other unwinders, sanitizers, allocators of the program's own.
# shellcheck shell=sh disable=SC2034,SC2154 # the variables of run
lib=/usr/lib/x86_64-linux-gnu
case $name in
*_keeps_its_findings | under_valgrind) [ "$name" = ubsan_keeps_its_findings ] || reports=no ;;
esac

# reported QUESTION ARGUMENTS...: to every report of this run.
reported() {
    question=$1
    shift
    for file in "$work/reports"/*.json; do
        report "$question" "$file" "$@"
    done
}

scenario plugins_come_and_go_in_4_threads 1 20 60 "dlopen and dlclose against malloc and throw, 4 threads"
plugins_come_and_go_in_4_threads() { repeat program "$targets/loader" "$targets/libplugin.so" 2 4; }

scenario plugins_come_and_go_in_16_threads 1 20 60 "dlopen and dlclose against malloc and throw, 16 threads"
plugins_come_and_go_in_16_threads() { repeat program "$targets/loader" "$targets/libplugin.so" 2 16; }

# program with every site in its report.
exactly() {
    with="$with LEAKWATCH_MIN_BYTES=0"
    program "$@"
}

# The rounds are done in one process.
turns() { # same|shift
    exactly "$targets/plugins" "$1" "$targets/libtwin_one.so" "$targets/libtwin_two.so" "$times"
}

scenario plugins_at_one_address_keep_their_names 50 1000 60 "two plugins in turn at one address"
plugins_at_one_address_keep_their_names() { turns same; }
plugins_at_one_address_keep_their_names_reported() { reported truth "$work/leakwatch.out"; }

scenario plugins_at_new_addresses_keep_their_names 100 1000 60 "two plugins in turn at ever new addresses"
plugins_at_new_addresses_keep_their_names() { turns shift; }
plugins_at_new_addresses_keep_their_names_reported() { reported truth "$work/leakwatch.out"; }

scenario a_replaced_plugin_lends_no_names 1 20 20 "a plugin's file replaced while it is loaded"
a_replaced_plugin_lends_no_names() {
    repeat replaced
}
replaced() {
    cp "$targets/libtwin_one.so" one.so
    cp "$targets/libtwin_two.so" two.so
    exactly "$targets/plugins" replace ./one.so ./two.so
}
a_replaced_plugin_lends_no_names_reported() {
    ! grep -l '"twin_' "$work/reports"/*.json || fail "names from the file that took its place"
    grep -q '"module": *"[^"]*one.so"' "$work/reports"/*.json || fail "no word of the module"
}

# The C++ plugins of a C program: their operators are their own, whatever the recorder brings.
hosted() { # turns|together
    program "$targets/hosts" "$1" "$times" "$targets/libguest.so" "$targets/libguest_static.so" \
        "$targets/libguest_own_16.so" "$targets/libguest_own_32.so"
}

scenario plugins_in_turn_have_their_own_operators 2 100 20 "a C program's C++ plugins in turn: libstdc++'s operators, their own"
plugins_in_turn_have_their_own_operators() { hosted turns; }

scenario plugins_together_have_their_own_operators 2 100 20 "the same, all open at once"
plugins_together_have_their_own_operators() { hosted together; }

scenario a_namespace_of_its_own 1 100 20 "dlmopen: a plugin with its own C library"
a_namespace_of_its_own() { repeat program "$targets/plugins" namespace "$targets/libtwin_one.so"; }

scenario a_plugin_bound_deeply 1 100 20 "RTLD_DEEPBIND, blocks freed across"
a_plugin_bound_deeply() { repeat program "$targets/plugins" deepbind "$targets/libtwin_one.so"; }

scenario many_modules_with_odd_names 300 5000 120 "modules loaded at once, blanks and escapes in their names"
many_modules_with_odd_names() { exactly "$targets/plugins" many "$targets/libtwin_one.so" "$times"; }
many_modules_with_odd_names_reported() { # each by its whole name, or as a loss: there is room for some 4,000
    known=$(report modules "$work/reports"/*.json "$(printf '/a \033[31mname\n%%s')" modules_full)
    [ "$known" = "$times" ] || { [ "$times" -gt 4000 ] && [ "$known" -gt "$times" ]; } || fail "$known of $times modules"
}

# The same program, loaded and linked in other ways: every allocation is there, with its name.
truthful() { reported truth "$work/leakwatch.out"; }

scenario other_unwinders_in_the_program 1 100 60 "backtrace, libgcc, dladdr, dl_iterate_phdr in 8 threads"
other_unwinders_in_the_program() { repeat exactly "$targets/unwinders"; }
other_unwinders_in_the_program_reported() { truthful; }

# linked FLAGS...: the same program, compiled so.
linked() {
    need cc
    cc -g -O1 -D_GNU_SOURCE "$catalogue/../targets/unwinders.c" -o "$work/unwinders" -pthread "$@" \
        2>"$work/cc.err" || skip "cc has no $*"
    repeat exactly "$work/unwinders"
}

scenario a_program_with_libunwind 1 100 60 "a program that uses libunwind itself"
a_program_with_libunwind() { linked -DLIBUNWIND -lunwind; }
a_program_with_libunwind_reported() { truthful; }

scenario a_program_with_gperftools_profiler 1 100 60 "a program linked to gperftools' profiler, profiling"
a_program_with_gperftools_profiler() {
    [ -e $lib/libprofiler.so.0 ] || skip "no libprofiler"
    export CPUPROFILE=/dev/null
    linked -Wl,--no-as-needed $lib/libprofiler.so.0 2>"$work/profiler.err"
}
a_program_with_gperftools_profiler_reported() { truthful; }

scenario a_lazily_bound_program 1 20 60 "lazy binding"
a_lazily_bound_program() { linked -Wl,-z,lazy; }
a_lazily_bound_program_reported() { truthful; }

scenario a_program_at_a_fixed_address 1 20 60 "no PIE, SysV hash, no RELRO"
a_program_at_a_fixed_address() { linked -no-pie -Wl,--hash-style=sysv -Wl,-z,norelro; }
a_program_at_a_fixed_address_reported() { truthful; }

scenario a_program_with_packed_relocations 1 20 60 "packed relocations (RELR)"
a_program_with_packed_relocations() { linked -Wl,-z,pack-relative-relocs; }
a_program_with_packed_relocations_reported() { truthful; }

scenario started_through_the_loader 1 20 60 "ld.so PROGRAM"
started_through_the_loader() { repeat exactly /lib64/ld-linux-x86-64.so.2 "$targets/unwinders"; }
started_through_the_loader_reported() { truthful; }

scenario a_resolver_that_allocates 1 100 20 "an IFUNC resolver that allocates; dlsym of malloc and free"
a_resolver_that_allocates() { repeat program "$targets/resolver"; }

scenario bound_at_once_and_audited 1 20 60 "LD_BIND_NOW, LD_AUDIT"
bound_at_once_and_audited() {
    repeat exactly env LD_BIND_NOW=1 "$targets/unwinders"
    repeat exactly env LD_AUDIT="$targets/libaudit.so" "$targets/unwinders"
}
bound_at_once_and_audited_reported() { truthful; }

# Other preloaded libraries, in front of ours and behind it.
beside() { # LIBRARY
    need "$1"
    also=$1
    repeat program "$targets/conformance"
    with="LD_PRELOAD=$1:$library"
    repeat program "$targets/conformance"
}

scenario beside_libeatmydata 1 20 60 "libeatmydata behind and in front"
beside_libeatmydata() { beside $lib/libeatmydata.so; }

scenario beside_libfaketime 1 20 60 "libfaketime behind and in front"
beside_libfaketime() { beside $lib/faketime/libfaketime.so.1; }

scenario preloaded_twice_and_by_bare_name 1 20 60 "LD_PRELOAD twice; by bare name with LD_LIBRARY_PATH"
preloaded_twice_and_by_bare_name() {
    with="LD_PRELOAD=$library:$library"
    repeat exactly "$targets/unwinders"
    with="LD_PRELOAD=libleakwatch.so LD_LIBRARY_PATH=$build"
    repeat exactly "$targets/unwinders"
}
preloaded_twice_and_by_bare_name_reported() { truthful; }

# Sanitizers own malloc: what they find stays, we stand aside. Their complaints name processes and addresses, and
# stacks that have a frame of ours more; the findings are compared.
sanitized() { # COMPILER NAME MISTAKE STATUS
    need "$1"
    "$1" -g -O0 -D_GNU_SOURCE -fsanitize="$2" "$catalogue/../targets/mistakes.c" -o "$work/$2" 2>"$work/cc.err" ||
        skip "$1 has no -fsanitize=$2"
    for mistake in none "$3"; do
        status=0
        program "$work/$2" "$mistake" 2>"$work/findings" || status=$?
        echo "$mistake: status $status"
        sed -n 's/^SUMMARY: \([A-Za-z]*: [^/ ]*\).*/\1/p' "$work/findings"
    done
}
sanitized_reported() { contains "$work/findings" "a sanitizer owns malloc"; }

scenario asan_of_gcc_keeps_its_findings 1 20 60 "AddressSanitizer, gcc"
asan_of_gcc_keeps_its_findings() { repeat sanitized gcc address freed; }
asan_of_gcc_keeps_its_findings_reported() { sanitized_reported; }

scenario asan_of_clang_keeps_its_findings 1 20 60 "AddressSanitizer, clang"
asan_of_clang_keeps_its_findings() { repeat sanitized clang address freed; }
asan_of_clang_keeps_its_findings_reported() { sanitized_reported; }

scenario lsan_of_gcc_keeps_its_findings 1 20 60 "LeakSanitizer, gcc"
lsan_of_gcc_keeps_its_findings() { repeat sanitized gcc leak lost; }
lsan_of_gcc_keeps_its_findings_reported() { sanitized_reported; }

scenario lsan_of_clang_keeps_its_findings 1 20 60 "LeakSanitizer, clang"
lsan_of_clang_keeps_its_findings() { repeat sanitized clang leak lost; }
lsan_of_clang_keeps_its_findings_reported() { sanitized_reported; }

scenario tsan_of_gcc_keeps_its_findings 1 20 60 "ThreadSanitizer, gcc"
tsan_of_gcc_keeps_its_findings() { repeat sanitized gcc thread freed; }
tsan_of_gcc_keeps_its_findings_reported() { sanitized_reported; }

scenario tsan_of_clang_keeps_its_findings 1 20 60 "ThreadSanitizer, clang"
tsan_of_clang_keeps_its_findings() { repeat sanitized clang thread freed; }
tsan_of_clang_keeps_its_findings_reported() { sanitized_reported; }

scenario msan_keeps_its_findings 1 20 60 "MemorySanitizer, clang"
msan_keeps_its_findings() { repeat sanitized clang memory freed; }
msan_keeps_its_findings_reported() { sanitized_reported; }

scenario ubsan_keeps_its_findings 1 20 60 "UndefinedBehaviorSanitizer, gcc: recorded like any program"
ubsan_keeps_its_findings() { repeat sanitized gcc undefined overflow; }

# Allocators of the program's own: nothing breaks, and the report says why it is empty.
told() { # TEXT COMMAND...: in the reports of this run, and in one for people
    text=$1
    shift
    reported noted "$text"
    preload "$@" >"$work/told.out" 2>"$work/told.err"
    contains "$work/told.err" "Hint: $text"
}

scenario a_program_with_its_own_malloc 1 20 20 "a program that defines malloc; one without calloc"
a_program_with_its_own_malloc() {
    repeat program "$targets/own_malloc"
    repeat program "$targets/own_part_of_malloc"
}
a_program_with_its_own_malloc_reported() {
    told "the program brings its own malloc" "$targets/own_malloc"
    told "the program brings its own malloc" "$targets/own_part_of_malloc"
}

scenario a_program_with_jemalloc_inside 1 20 20 "jemalloc linked into the program"
a_program_with_jemalloc_inside() {
    need cc $lib/libjemalloc_pic.a
    cc -D_GNU_SOURCE "$catalogue/../targets/mistakes.c" -o "$work/jemalloc_inside" -Wl,--whole-archive \
        $lib/libjemalloc_pic.a -Wl,--no-whole-archive -lm -lstdc++ -pthread
    repeat program "$work/jemalloc_inside" none
}
a_program_with_jemalloc_inside_reported() {
    told "the program brings its own malloc" "$work/jemalloc_inside" none
}

scenario an_allocator_in_front_of_ours 1 20 20 "jemalloc preloaded in front of the recorder"
an_allocator_in_front_of_ours() {
    need $lib/libjemalloc.so.2
    also=$lib/libjemalloc.so.2 with="LD_PRELOAD=$lib/libjemalloc.so.2:$library"
    repeat exactly "$targets/unwinders"
}
an_allocator_in_front_of_ours_reported() {
    with="LD_PRELOAD=$lib/libjemalloc.so.2:$library"
    told "calls of malloc go to libjemalloc.so.2" "$targets/unwinders"
}

# Its own malloc serves the program, and nothing is seen. LEAKWATCH_OUTPUT: valgrind makes a fork of the process that
# starts the tool, and flushes there what the program has buffered.
scenario under_valgrind 1 5 100 "valgrind, without a report"
under_valgrind() {
    need valgrind
    with=LEAKWATCH_OUTPUT=none
    repeat program valgrind -q "$targets/own_malloc" 2>/dev/null
}
