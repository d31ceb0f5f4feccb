#!/bin/sh
# Where /dev/shm has no room the ledger goes to $TMPDIR; where there is room nowhere, it is memory, and the
# library itself reports, also under `leakwatch run`. In a mount namespace of our own.
# shellcheck disable=SC2016 # the inner shell expands these
. "$(dirname "$0")/lib.sh"

need unshare mount
unshare -m mount -t tmpfs -o size=64k none /dev/shm 2>/dev/null || skip "no mount namespaces for us here"
mkdir "$work/room" "$work/narrow"

TMPDIR=$work/room unshare -m sh -c '
    mount -t tmpfs -o size=64k none /dev/shm
    "$1" run -- "$2" --seconds 2' - "$tool" "$targets/array" >"$work/out" 2>"$work/err" || fail "run: $?"
contains "$work/err" "new_measurement"
equal "files left" "" "$(find "$work/room" -name '*.lw')"

TMPDIR=$work/narrow unshare -m sh -c '
    mount -t tmpfs -o size=64k none /dev/shm
    mount -t tmpfs -o size=64k none "$3"
    "$1" run -- "$2" --seconds 1' - "$tool" "$targets/array" "$work/narrow" >"$work/out" 2>"$work/err" ||
    fail "run: $?"
# Which of them grow is another test's question, and depends on when the machine let the program run.
grep -Eq '^leakwatch: (no site grows; call sites seen: [2-9]|[1-9] of [2-9] call sites)' "$work/err" ||
    fail "no report of the library's own: $(cat "$work/err")"
contains "$work/err" "this ledger was in memory only"
