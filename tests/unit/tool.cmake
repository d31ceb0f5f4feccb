# Unit tests of the reader and of the tool; the tool's object files without its main.
add_library(lw_ledger_build OBJECT unit/ledger_build.c)
target_link_libraries(lw_ledger_build PUBLIC lw_history)

# tool_test(NAME [ARGS a...])
function(tool_test name)
    cmake_parse_arguments(PARSE_ARGV 1 T "" "" "ARGS")
    add_executable(${name} unit/${name}.c)
    target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
    target_link_libraries(${name} PRIVATE lw_tool lw_ledger lw_history lw_page lw_ledger_build PkgConfig::CMOCKA)
    add_test(NAME ${name} COMMAND ${name} ${T_ARGS})
    set_tests_properties(${name} PROPERTIES TIMEOUT 60)
endfunction()

foreach(test IN ITEMS test_ledger test_perfmap test_jitdump test_jit test_suppressions test_format test_wrappers test_findings test_report
        test_apart test_lens_sum test_marks)
    tool_test(${test})
endforeach()

# Programs whose lines the test knows: with symbols, without any, and in C++.
foreach(target IN ITEMS symbols_target symbols_target_stripped)
    add_executable(${target} unit/symbols_target.c)
    target_compile_options(${target} PRIVATE -g -O2 -UNDEBUG)
endforeach()
target_link_options(symbols_target_stripped PRIVATE -s)
add_executable(symbols_target_cxx unit/symbols_target_cxx.cpp)
target_compile_options(symbols_target_cxx PRIVATE -g -O2)
tool_test(test_symbols ARGS $<TARGET_FILE:symbols_target> $<TARGET_FILE:symbols_target_stripped>
    $<TARGET_FILE:symbols_target_cxx>)
