#!/bin/sh
# However a program ends, its output and exit status are what they were, and the report is there: at once,
# or, after a deadly signal, from the ledger that is left behind.
. "$(dirname "$0")/lib.sh"

with=LEAKWATCH_LEDGER=$work/ledger
for mode in return exit _exit quick_exit thread pthread_exit abort segv kill; do
    status=0
    "$targets/ends" $mode >"$work/without.out" 2>"$work/without.err" || status=$?
    expected=$status
    rm -f "$work/run.json" "$work/ledger"
    start run "$targets/ends" $mode
    equal "exit status of $mode" "$expected" "$status"
    same "output of $mode" "$work/without.out" "$work/run.out"
    how='exit'
    if [ "$expected" -gt 128 ]; then
        how=killed
        [ ! -e "$work/run.json" ] || fail "$mode: who printed a report?"
        "$tool" report --format json "$work/ledger" >"$work/run.json" || fail "no report after $mode"
    fi
    check_report "$work/run.json"
    equal "ended by $mode" $how "$(report value "$work/run.json" process.ended)"
    # (The last thread's end after pthread_exit is an exit(0) inside the C library, unseen.)
    [ $how = killed ] || [ $mode = pthread_exit ] ||
        equal "exit_status of $mode" "$expected" "$(report value "$work/run.json" process.exit_status)"
done
