# History and verdict, and `judge` (not installed): the guest's judge for labelled data in CSV files.
add_executable(judge ${CMAKE_CURRENT_LIST_DIR}/../judge.c)
target_link_libraries(judge PRIVATE lw_history)
set_target_properties(judge PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

# `accuracy` (scripts/accuracy): the same judge, and simple rules, on generated streams; `streams` prints these.
add_library(lw_streams OBJECT ${CMAKE_CURRENT_LIST_DIR}/../data/streams.c
    ${CMAKE_CURRENT_LIST_DIR}/../data/families.c ${CMAKE_CURRENT_LIST_DIR}/../data/families_fresh.c)
target_link_libraries(lw_streams PUBLIC m)
add_executable(accuracy ${CMAKE_CURRENT_LIST_DIR}/../accuracy.c)
target_link_libraries(accuracy PRIVATE lw_history lw_streams)
add_executable(streams ${CMAKE_CURRENT_LIST_DIR}/../data/streams_csv.c)
target_link_libraries(streams PRIVATE lw_streams)
set_target_properties(accuracy streams PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

add_library(lw_behaviours OBJECT ${CMAKE_CURRENT_LIST_DIR}/behaviours.c)
target_link_libraries(lw_behaviours PRIVATE lw_history PkgConfig::CMOCKA)

foreach(name test_history test_verdict test_drain)
    add_executable(${name} ${CMAKE_CURRENT_LIST_DIR}/${name}.c)
    target_link_libraries(${name} PRIVATE lw_history lw_behaviours PkgConfig::CMOCKA)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 60)
endforeach()

add_test(NAME test_series
    COMMAND ${CMAKE_CURRENT_LIST_DIR}/test_series.sh $<TARGET_FILE:judge> ${CMAKE_CURRENT_LIST_DIR}/../data)
add_test(NAME test_judge COMMAND ${CMAKE_CURRENT_LIST_DIR}/test_judge.sh $<TARGET_FILE:judge>)
set_tests_properties(test_series test_judge PROPERTIES TIMEOUT 60)

# The bounds of the held-out half lie just below what a fixed seed reaches.
add_test(NAME test_accuracy COMMAND ${CMAKE_CURRENT_LIST_DIR}/test_accuracy.sh $<TARGET_FILE:accuracy>)
set_tests_properties(test_accuracy PROPERTIES TIMEOUT 120)
