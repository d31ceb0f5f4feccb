#!/bin/sh
# Under RLIMIT_STACK of 64 KiB, hard too, as a program may live with: every command of the tool works.
. "$(dirname "$0")/lib.sh"

small() {
    # shellcheck disable=SC3045 # dash and bash know -s
    (ulimit -s 64 && "$@")
}

small "$tool" run --ledger "$work/ledger" --output "$work/run.txt" -- "$targets/state" --seconds 1 >"$work/out" ||
    fail "run: $?"
contains "$work/run.txt" "leakwatch: "
small "$tool" report --format json "$work/ledger" >"$work/report.json" || fail "report: $?"
check_report "$work/report.json"
small "$tool" list >"$work/list" || fail "list: $?"
small start preloaded "$targets/state" --seconds 1
check_report "$work/preloaded.json"
