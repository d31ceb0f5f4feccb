# The tool's manners.
add_system_test(package_is_sound package_is_sound.sh TIMEOUT 180)
add_system_test(top_shows_what_grows top_shows_what_grows.sh TIMEOUT 180)
add_system_test(prometheus_scrapes_and_alerts prometheus_scrapes_and_alerts.sh TIMEOUT 180)
add_system_test(exports_are_read_by_other_tools exports_are_read_by_other_tools.sh)
add_system_test(pprof_reads_what_was_exported pprof_reads_what_was_exported.sh)
add_system_test(baseline_lets_known_findings_pass baseline_lets_known_findings_pass.sh TIMEOUT 120)
add_system_test(report_speaks_to_ci report_speaks_to_ci.sh TIMEOUT 180)
add_system_test(diff_tells_what_newly_grows diff_tells_what_newly_grows.sh TIMEOUT 120)
add_system_test(reports_fit_their_schema reports_fit_their_schema.sh TIMEOUT 120)
add_system_test(unjoined_threads_are_named unjoined_threads_are_named.sh)
add_system_test(speedscope_reads_folded_stacks speedscope_reads_folded_stacks.sh TIMEOUT 180)
add_system_test(html_page_works_in_a_browser html_page_works_in_a_browser.sh TIMEOUT 300)
# The tool as it is built where npm cannot make its page.
file(TOUCH ${CMAKE_CURRENT_BINARY_DIR}/no_page.html)
add_executable(leakwatch_without_page ${CMAKE_SOURCE_DIR}/src/tool/main.c ${CMAKE_SOURCE_DIR}/src/page/page.c)
target_compile_definitions(leakwatch_without_page PRIVATE _GNU_SOURCE
    LEAKWATCH_PAGE="${CMAKE_CURRENT_BINARY_DIR}/no_page.html")
target_include_directories(leakwatch_without_page PRIVATE ${CMAKE_SOURCE_DIR}/src/page)
target_link_libraries(leakwatch_without_page PRIVATE lw_tool lw_ledger lw_history)
add_system_test(a_build_without_npm_has_no_page_and_says_so a_build_without_npm_has_no_page_and_says_so.sh
    ARGS $<TARGET_FILE:leakwatch_without_page>)
add_system_test(kept_memory_is_no_leak kept_memory_is_no_leak.sh)
add_system_test(growth_split_over_stacks_is_one_finding growth_split_over_stacks_is_one_finding.sh)
add_system_test(shells_complete shells_complete.sh)
add_system_test(doctor_finds_what_is_in_the_way doctor_finds_what_is_in_the_way.sh)
add_system_test(mistakes_get_one_line_and_a_status mistakes_get_one_line_and_a_status.sh)
add_system_test(run_behaves_as_the_program_does run_behaves_as_the_program_does.sh)
add_system_test(run_refuses_what_cannot_be_preloaded run_refuses_what_cannot_be_preloaded.sh)
add_system_test(list_shows_and_prunes list_shows_and_prunes.sh)

# The tutorial: that its programs still are told so, and that it shows their sources.
add_test(NAME tutorial_is_true COMMAND ${CMAKE_SOURCE_DIR}/docs/tutorial/make --check ${CMAKE_BINARY_DIR})
set_tests_properties(tutorial_is_true PROPERTIES LABELS system TIMEOUT 120)
