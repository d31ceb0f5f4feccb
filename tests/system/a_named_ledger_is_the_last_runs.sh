#!/bin/sh
# A ledger that was named is kept, and replaced by the next run of that name; what is no ledger is left alone.
. "$(dirname "$0")/lib.sh"

ledger=$work/named.lw
for seconds in 1 2; do
    "$tool" run --ledger "$ledger" --output none -- "$targets/array" --seconds "$seconds" >"$work/out"
    equal "ledgers" "$ledger" "$(echo "$ledger"*)"
    "$tool" report "$ledger" >"$work/report"
    contains "$work/report" "--seconds $seconds"
done

echo "somebody's" >"$work/file"
preload LEAKWATCH_LEDGER="$work/file" "$targets/array" --seconds 1 >"$work/out" 2>"$work/err"
equal "the file" "somebody's" "$(cat "$work/file")"
equal "files beside it" "$work/file" "$(echo "$work/file"*)"
contains "$work/err" "no ledger could be made at $work/file"
