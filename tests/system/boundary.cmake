# The tool reads what others have written: files, names and places that may all be hostile.
foreach(test IN ITEMS hostile_ledgers_only_lie ledger_may_name_any_file ledger_may_change_while_it_is_read
        run_directory_may_be_prepared prune_removes_only_ledgers_of_ours report_overwrites_nothing_of_others
        perf_maps_of_others_are_not_read others_go_on_past_a_broken_ledger a_pid_may_be_anothers_by_now
        suppressions_may_be_any_file symbol_files_may_be_bombs)
    add_system_test(${test} ${test}.sh TIMEOUT 180)
    list(APPEND boundary_tests ${test})
endforeach()
add_system_test(reading_names_cannot_stall_a_report reading_names_cannot_stall_a_report.sh TIMEOUT 90)
list(APPEND boundary_tests reading_names_cannot_stall_a_report)
set_tests_properties(${boundary_tests} PROPERTIES LABELS "system;boundary")
