# The walk in real programs: a library of the walk alone, preloaded, compares it with libunwind's own.
add_library(unwind_compare SHARED unwind_compare.c)
target_compile_options(unwind_compare PRIVATE -fvisibility=hidden -ftls-model=initial-exec
    -fno-omit-frame-pointer -fno-builtin-malloc -Wno-missing-prototypes -Wno-pedantic)
target_link_options(unwind_compare PRIVATE -Wl,-z,now)
target_link_libraries(unwind_compare PRIVATE lw_capture ${CMAKE_DL_LIBS})

# LEAST: walks that must have been compared, about half of what they are on Debian 12.
foreach(program IN ITEMS python:3000 bash:1000 perl:2000 git:40 sqlite3:1000 lua5_4:3000 redis_server:200
        gcc:4000 clang:100 node:3000 tar:50)
    string(REPLACE ":" ";" program ${program})
    list(GET program 0 name)
    list(GET program 1 least)
    add_system_test(walks_are_those_of_libunwind.${name} walks_are_those_of_libunwind.sh
        ARGS ${name} ${least} TIMEOUT 120)
endforeach()
