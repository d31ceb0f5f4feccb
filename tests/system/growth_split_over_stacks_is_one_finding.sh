#!/bin/sh
# A leak that recursion splits over hundreds of small stacks is told as one group, in every form, and may be suppressed or
# known from a baseline; the same recursion over a ring that is soon full is told by nobody.
. "$(dirname "$0")/lib.sh"

record_well bounded "$targets/split_growth" --seconds 7 --bounded &
bounded=$!
with="LEAKWATCH_LEDGER=$work/split.lw LEAKWATCH_MIN_BYTES=256k" # none of the stacks holds as much
record_well split "$targets/split_growth" --seconds 7
wait $bounded
report calm "$work/bounded.json"
equal "groups of the ring" "[]" "$(report value "$work/bounded.json" groups)"

equal "growing sites" 0 "$(report value "$work/split.json" totals.growing)"
equal "groups" 1 "$(report value "$work/split.json" totals.growing_groups)"
equal "its function" new_node "$(report value "$work/split.json" groups.0.function)"
[ "$(report value "$work/split.json" groups.0.stacks)" -gt 100 ] || fail "few stacks"

asked() { # NAME STATUS OPTION...: report in NAME
    name=$1 expected=$2 status=0
    shift 2
    "$tool" report --exit-code 9 "$@" "$work/split.lw" >"$work/$name" || status=$?
    equal "status of $name" "$expected" "$status"
}
asked text 9
contains "$work/text" "leakwatch: 1 group of small sites grows without bound"
contains "$work/text" "stacks through new_node"
asked junit 9 --format junit
contains "$work/junit" 'failures="1"'
contains "$work/junit" "stacks through new_node"
asked github 9 --format github
contains "$work/github" "::error"
contains "$work/github" "stacks through new_node"
echo "leak:new_node" >"$work/known"
asked suppressed 0 --suppressions "$work/known"
contains "$work/suppressed" "leakwatch: no site grows"
asked known 0 --baseline "$work/split.json"
