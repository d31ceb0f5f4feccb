#!/bin/sh
# A pid means a process only inside its PID namespace. A ledger of a container that shares the folder is that of a
# running process, seen from the host, and nobody's business seen from another container.
. "$(dirname "$0")/lib.sh"

unshare -m -p -f --mount-proc true 2>/dev/null || skip "no namespaces for us here"
# A program by a name of its own, so that its ledgers are to be told among others.
nap=nap$$
cp "$(command -v sleep)" "$work/$nap"
for one in one two; do # the same pid, 1, and nearly the same start
    unshare -m -p -f --kill-child --mount-proc env LD_PRELOAD="$library" "$work/$nap" 77 2>"$work/$one.err" &
    running="$running $!"
done
listed() { # HOW [COMMAND...]: until both are listed so
    how=$1 tries=100
    shift
    until [ "$("$@" "$tool" list | grep -c "^$how .* $nap  ")" = 2 ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "not $how: $("$@" "$tool" list)"
        sleep 0.1
    done
}
elsewhere() { unshare -m -p -f --mount-proc "$@" 2>>"$work/elsewhere.err"; }

listed running command
listed unknown elsewhere
"$tool" list --prune >"$work/prune"
elsewhere "$tool" list --prune >>"$work/prune"
listed running command
ledgers=$("$tool" list | sed -n "s/^running .* $nap  //p")
"$tool" report "$(echo "$ledgers" | head -1)" >"$work/report" || fail "no report of a running process"
contains "$work/report" "still running"

# shellcheck disable=SC2086 # pids
kill -KILL $running
# Whoever sees all processes knows that these are none.
if [ "$(stat -L -c %i /proc/self/ns/pid)" = 4026531836 ]; then
    listed killed command
    "$tool" list --prune >"$work/prune"
else
    echo "not in the initial namespace: whether the killed are pruned from there is not tried"
fi
for ledger in $ledgers; do
    [ -e "$ledger" ] || continue
    rm -f "$ledger"
    [ "$(stat -L -c %i /proc/self/ns/pid)" != 4026531836 ] || fail "the ledger of a killed process stays"
done
