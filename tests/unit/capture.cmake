# Unit tests of the walk: capture, rules, learn, bounds, modules, compiled with the guest's flags and linked
# as ordinary code to a book in memory.
set(CAPTURE_DIR ${CMAKE_SOURCE_DIR}/tests/unit)
set(CAPTURE_GUEST_FLAGS -fvisibility=hidden -ftls-model=initial-exec -fno-omit-frame-pointer
    -fno-builtin-malloc -fexceptions -fno-stack-protector)

add_library(lw_capture OBJECT ${CAPTURE_DIR}/stub_book.c)
foreach(source IN ITEMS bounds capture fold learn memo modules place rules sandbox unwinder)
    target_sources(lw_capture PRIVATE ${CMAKE_SOURCE_DIR}/src/preload/${source}.c)
endforeach()
# As for the library itself (src/preload/CMakeLists.txt): pairs of fresh words moved as one stall (5 of 45 ns).
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/preload/capture.c
    ${CMAKE_SOURCE_DIR}/src/preload/fold.c PROPERTIES
    COMPILE_OPTIONS -fno-tree-slp-vectorize)
target_compile_definitions(lw_capture PUBLIC _GNU_SOURCE)
target_compile_options(lw_capture PRIVATE ${CAPTURE_GUEST_FLAGS})
target_include_directories(lw_capture PUBLIC ${CMAKE_SOURCE_DIR}/src/preload ${CMAKE_SOURCE_DIR}/src/ledger)

function(capture_program name)
    add_executable(${name} ${ARGN})
    target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:C>:-Wno-missing-prototypes>)
    target_link_libraries(${name} PRIVATE lw_capture PkgConfig::CMOCKA Threads::Threads ${CMAKE_DL_LIBS})
endfunction()
function(capture_test name seconds)
    add_test(NAME ${name} COMMAND ${name} ${ARGN})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${seconds})
endfunction()

capture_program(test_rules ${CAPTURE_DIR}/test_rules.c)
capture_test(test_rules 30)
capture_program(test_walk_model ${CAPTURE_DIR}/test_walk_model.c)
capture_test(test_walk_model 120)
capture_program(test_capture ${CAPTURE_DIR}/test_capture.c ${CAPTURE_DIR}/capture_truth.c)
capture_test(test_capture 120)
# gcc 12's LeakSanitizer crashes on the thread-local storage of this one (it loads libunwind into C++).
if(NOT LEAKWATCH_SANITIZE)
    capture_program(test_capture_throw ${CAPTURE_DIR}/test_capture_throw.cc ${CAPTURE_DIR}/capture_truth.c)
    capture_test(test_capture_throw 30)
endif()

# Two plugins of one size, which the loader puts in one place in turn, and a larger one.
foreach(plugin IN ITEMS 1:100 2:100 3:9000)
    string(REPLACE ":" ";" plugin ${plugin})
    list(GET plugin 0 number)
    list(GET plugin 1 ballast)
    add_library(test_plugin${number} MODULE ${CAPTURE_DIR}/plugin.c)
    target_compile_definitions(test_plugin${number} PRIVATE PLUGIN=${number} BALLAST=${ballast})
    target_link_options(test_plugin${number} PRIVATE -Wl,--build-id)
endforeach()
capture_program(test_modules ${CAPTURE_DIR}/test_modules.c)
capture_test(test_modules 60 $<TARGET_FILE:test_plugin1> $<TARGET_FILE:test_plugin2> $<TARGET_FILE:test_plugin3>)
add_dependencies(test_modules test_plugin1 test_plugin2 test_plugin3)

# Figures, not a test: build/bench_capture
capture_program(bench_capture ${CMAKE_SOURCE_DIR}/tests/bench/bench_capture.c)
