#!/bin/sh
# A heap in pieces, and memory that malloc keeps: nothing grows, and the first line says where the memory is. Asked for at
# exit, and of the running program.
. "$(dirname "$0")/lib.sh"

for how in '' --retain; do
    # shellcheck disable=SC2086 # no word without one
    record_well kept "$targets/fragments" --seconds 4 $how
    equal "growing sites of fragments $how" 0 "$(report value "$work/kept.json" totals.growing)"
    kept=$(report value "$work/kept.json" memory.retained_bytes)
    live=$(report value "$work/kept.json" memory.tracked_bytes)
    { [ "$kept" -gt 33554432 ] && [ "$kept" -gt "$live" ]; } || fail "fragments $how: kept $kept, live $live"
    # shellcheck disable=SC2086
    preload LEAKWATCH_OUTPUT="$work/text" "$targets/fragments" --seconds 4 $how >/dev/null
    head -n 1 "$work/text" >"$work/headline"
    contains "$work/headline" "leakwatch: no site grows; resident grew "
    contains "$work/headline" "that malloc keeps after free (fragmentation or retention, not a leak"
    contains "$work/text" "kept after free: ${how:+retention}"
    [ -n "$how" ] || contains "$work/text" "kept after free: fragmentation"
done

LD_PRELOAD="$library" LEAKWATCH_OUTPUT=none LEAKWATCH_LEDGER="$work/running.lw" "$targets/fragments" --seconds 30 >/dev/null &
running=$!
for _ in $(seq 100); do # until the first bursts are over
    sleep 0.3
    "$tool" report "$work/running.lw" >"$work/text" && grep -q 'that malloc keeps' "$work/text" && break
done
kill "$running"
contains "$work/text" "that malloc keeps after free"
