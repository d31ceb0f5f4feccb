#!/bin/sh
# verdict_matches_truth TARGET [ARGUMENTS...]: what the target says of itself is what the report says:
# the same functions grow, and no others.
. "$(dirname "$0")/lib.sh"

target=$1
shift
record_well run "$targets/$target" "$@"
report truth "$work/run.json" "$work/run.out"
