#!/bin/sh
# sigkill_at_any_instant_costs_only_what_was_in_flight [TIMES]: kill_sweep.py says how. SEED repeats a run.
. "$(dirname "$0")/lib.sh"

seed=${SEED:-$$}
echo "seed $seed"
sweep=$(mktemp -d /dev/shm/leakwatch-test.XXXXXX) # where ledgers lie as a rule
trap 'rm -rf "$sweep"; finish' EXIT
/usr/bin/python3 "$here/kill_sweep.py" "$library" "$tool" "$targets" "$sweep" "${1:-42}" "$seed" || fail "see above"
