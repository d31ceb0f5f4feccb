#!/bin/sh
# leakwatch run prints the report of a program that was killed, and has its exit status.
. "$(dirname "$0")/lib.sh"

status=0
timeout -k 5 60 "$tool" run --format json --output "$work/run.json" -- "$targets/ends" kill \
    >"$work/run.out" 2>"$work/run.err" || status=$?
equal "exit status" 137 "$status"
check_report "$work/run.json"
equal "ended" killed "$(report value "$work/run.json" process.ended)"
