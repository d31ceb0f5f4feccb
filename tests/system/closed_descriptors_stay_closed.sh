#!/bin/sh
# A program that closes every descriptor gets the lowest numbers for its own files, nobody else writes to
# them, and its ledger is left for `leakwatch report`.
. "$(dirname "$0")/lib.sh"

mkdir "$work/files"
status=0
preload LEAKWATCH_LEDGER="$work/ledger" "$targets/closes_all" "$work/files" || status=$?
equal "exit status" 0 "$status"
for file in 0 1 2; do
    equal "file $file" mine "$(cat "$work/files/$file")"
done
"$tool" report --format json "$work/ledger" >"$work/run.json"
check_report "$work/run.json"
