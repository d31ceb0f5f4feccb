#!/bin/sh
# A pid means a process only inside its PID namespace. A ledger of a container that shares the folder is that of a
# running process, seen from the host, and nobody's business seen from another container.
. "$(dirname "$0")/lib.sh"

unshare -m -p -f --mount-proc true 2>/dev/null || skip "no namespaces for us here"
export TMPDIR="$work"
folder=$work/leakwatch-$(id -u)
mkdir -m 700 "$folder"
for one in one two; do # the same pid, 1, and nearly the same start
    unshare -m -p -f --mount-proc env LD_PRELOAD="$library" LEAKWATCH_LEDGER="$folder/$one.lw" sleep 77 &
    running="$running $!"
done
listed() { # HOW WHAT [COMMAND...]: until both are listed so
    how=$1
    shift
    tries=100
    until [ "$("$@" "$tool" list | grep -c "^$how .*sleep .*/[a-z]*\.lw$")" = 2 ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "not $how: $("$@" "$tool" list)"
        sleep 0.1
    done
}
elsewhere() { unshare -m -p -f --mount-proc "$@"; }

listed running command
listed unknown elsewhere
"$tool" list --prune >"$work/prune"
elsewhere "$tool" list --prune >>"$work/prune"
listed running command
"$tool" report "$folder/one.lw" >"$work/report" || fail "no report of a running process"
contains "$work/report" "still running"

pkill -KILL -f '^sleep 77$' || fail "nothing to kill"
# Whoever sees all processes knows that these are none.
if [ "$(stat -L -c %i /proc/self/ns/pid)" = 4026531836 ]; then
    listed killed command
    "$tool" list --prune >"$work/prune"
    [ ! -e "$folder/one.lw" ] || fail "the ledger of a killed process stays"
fi
