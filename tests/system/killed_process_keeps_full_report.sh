#!/bin/sh
# Killed at any moment, a process leaves a ledger whose report is whole and whose equations hold.
. "$(dirname "$0")/lib.sh"

seed=${SEED:-$$}
echo "seed $seed"
awk -v seed="$seed" 'BEGIN { srand(seed); for (i = 0; i < 12; i++) printf "%.3f\n", 1.5 * rand() ^ 3 }' \
    >"$work/delays"
while read -r delay; do
    for target in array threads; do
        rm -f "$work/out" # or the last one's word would pass for this one's
        LD_PRELOAD=$library LEAKWATCH_LEDGER=$work/ledger LEAKWATCH_OUTPUT=none \
            "$targets/$target" --seconds 60 >"$work/out" 2>"$work/err" &
        pid=$!
        running=$pid
        wait_for "$work/out" truth
        sleep "$delay"
        kill -KILL $pid 2>/dev/null || true # threads may be through
        wait $pid || true
        running=
        "$tool" report --format json "$work/ledger" >"$work/killed.json" 2>"$work/report.err" ||
            fail "$target after $delay s: $(cat "$work/report.err")"
        check_report "$work/killed.json"
        rm "$work/ledger"
    done
done <"$work/delays"

# And once with time to judge, found by its pid where ledgers lie by default: the verdict is there too.
LD_PRELOAD=$library "$targets/array" --seconds 60 >"$work/out" &
pid=$!
running=$pid
sleep 3
kill -KILL $pid
wait $pid || true
"$tool" report --format json $pid >"$work/killed.json"
"$tool" report $pid >"$work/killed.txt"
rm -f "/dev/shm/leakwatch-$(id -u)/"*".$pid."*
check_report "$work/killed.json"
equal "ended" killed "$(report value "$work/killed.json" process.ended)"
report truth "$work/killed.json" "$work/out"
contains "$work/killed.txt" new_measurement
