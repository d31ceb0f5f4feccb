#!/bin/sh
# A flagged child that is too young to speak is listed with the command that shows it, and that command works.
# shellcheck disable=SC2016 # the inner shell expands these
. "$(dirname "$0")/lib.sh"

"$tool" run -- sh -c '"$1" --seconds 3; true' - "$targets/array" >"$work/out" 2>"$work/err"
child=$(sed -n 's/^Children: .*leakwatch report \([0-9]*\)$/\1/p' "$work/err")
[ -n "$child" ] || fail "no child was flagged: $(cat "$work/err")"
"$tool" report "$child" >"$work/report" || fail "its ledger is gone"
contains "$work/report" "new_measurement"
rm -f /dev/shm/leakwatch-"$(id -u)"/array."$child".*
