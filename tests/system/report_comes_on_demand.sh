#!/bin/sh
# A program that runs on can be asked for its report: by `leakwatch report PID`, which it does not notice, and by the signal
# of LEAKWATCH_SIGNAL, at its next allocations; as often as one likes. Without the variable no signal is taken.
. "$(dirname "$0")/lib.sh"

LD_PRELOAD=$library LEAKWATCH_SIGNAL=USR2 LEAKWATCH_OUTPUT="$work/asked" "$targets/array" --seconds 60 >/dev/null 2>"$work/err" &
pid=$!
running=$pid
sleep 4
timeout 30 "$tool" report "$pid" >"$work/report" || fail "report $pid: exit status $?"
contains "$work/report" "still running"
contains "$work/report" "pid $pid"
contains "$work/report" "new_measurement"
[ ! -e "$work/asked" ] || fail "a report was written that nobody asked for"
for time in first second; do
    rm -f "$work/asked"
    kill -USR2 "$pid"
    wait_for "$work/asked" "still running"
    contains "$work/asked" "GROWING"
    kill -0 "$pid" || fail "it ended at the $time signal: $(cat "$work/err")"
done

# Not asked for: the signal is the program's own, and ends it.
status=0
preload LEAKWATCH_OUTPUT=none sh -c 'kill -USR2 $$' || status=$?
equal "exit status" 140 "$status"
