# Unit tests of the guest's outer parts: options, regions, reporter. Chosen sources, compiled with the
# guest's flags and linked as ordinary code (no interposition).
set(GUESTPARTS_DIR ${CMAKE_SOURCE_DIR}/tests/unit)

add_library(lw_guestparts OBJECT ${GUESTPARTS_DIR}/guestparts_stub.c)
foreach(source IN ITEMS book options place plain region_map region_queue regions reporter sandbox shelf spawn text toolpath)
    target_sources(lw_guestparts PRIVATE ${CMAKE_SOURCE_DIR}/src/preload/${source}.c)
endforeach()
target_compile_definitions(lw_guestparts PUBLIC _GNU_SOURCE)
target_compile_options(lw_guestparts PRIVATE -fvisibility=hidden -ftls-model=initial-exec
    -fno-omit-frame-pointer -fno-builtin-malloc -fexceptions -fno-stack-protector)
target_include_directories(lw_guestparts PUBLIC ${CMAKE_SOURCE_DIR}/src/preload)
target_link_libraries(lw_guestparts PUBLIC lw_history Threads::Threads)

# A program linked to the parts; more arguments are passed to it by its test.
function(guestparts_program name)
    add_executable(${name} ${GUESTPARTS_DIR}/${name}.c)
    target_link_libraries(${name} PRIVATE lw_guestparts lw_history Threads::Threads)
endfunction()
function(guestparts_test name seconds)
    guestparts_program(${name})
    target_compile_options(${name} PRIVATE -Wno-missing-prototypes)
    target_link_libraries(${name} PRIVATE PkgConfig::CMOCKA)
    add_test(NAME ${name} COMMAND ${name} ${ARGN})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${seconds})
endfunction()

# options_probe prints what it read from its own initial stack; once more with a stack that the loader
# made executable at the start, for which it forgets where the stack began.
guestparts_program(options_probe)
add_executable(options_probe_execstack ${GUESTPARTS_DIR}/options_probe.c)
target_link_libraries(options_probe_execstack PRIVATE lw_guestparts lw_history Threads::Threads)
target_link_options(options_probe_execstack PRIVATE -Wl,-z,execstack -Wl,--no-warnings)
guestparts_test(test_options 60 $<TARGET_FILE:options_probe> $<TARGET_FILE:options_probe_execstack>)

guestparts_test(test_sandbox 60)
guestparts_test(test_text 60)
guestparts_test(test_plain 60)
guestparts_test(test_region_model 120)
guestparts_test(test_regions 60)

# tool_stub stands in for the `leakwatch` program; it needs nothing of ours.
add_executable(tool_stub ${GUESTPARTS_DIR}/tool_stub.c)
target_include_directories(tool_stub PRIVATE ${CMAKE_SOURCE_DIR}/src/ledger)
guestparts_test(test_reporter 60 $<TARGET_FILE:tool_stub>)
guestparts_test(test_reporter_file 60 $<TARGET_FILE:tool_stub>)
guestparts_test(test_toolpath 60 $<TARGET_FILE:tool_stub>)
