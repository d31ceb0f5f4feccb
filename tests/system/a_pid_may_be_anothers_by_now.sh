#!/bin/sh
# The number of a dead process is given to another: its ledger is still that of a dead one, by file, by number and in
# the list, and nothing of the living one is told as its own.
. "$(dirname "$0")/boundary.sh"

export TMPDIR="$work"
folder=$work/leakwatch-$(id -u)
mkdir -m 700 "$folder"
sleep 300 &
other=$!
running="$running $other"
forge "pid:$other" "$folder/old.lw"
"$tool" list >"$work/list"
grep -Eq "^ended +$other .*old\.lw$" "$work/list" || fail "list: $(cat "$work/list")"
harmless by_number "$other"
contains "$work/by_number.txt" "pid $other   ran 60.0 s   ended"
equal "ended" exit "$(report value "$work/by_number.json" process.ended)"
! grep -q "^resident" "$work/by_number.txt" || fail "the memory of another process: $(cat "$work/by_number.txt")"
"$tool" list --prune >"$work/prune"
[ ! -e "$folder/old.lw" ] || fail "the ledger of the dead process is kept"
kill -0 $other || fail "the other process has ended"
