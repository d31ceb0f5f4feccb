#!/bin/sh
# After twenty thousand random calls of the mmap family the sites hold what /proc/self/maps lists as private anonymous
# memory that may be written to, to the byte.
. "$(dirname "$0")/lib.sh"

for run in 1 2 3; do
    record_well $run "$targets/mappings_at_random"
    equal "bytes ($(grep SEED "$work/$run.out"))" "$(sed -n 's/^writable: //p' "$work/$run.out")" \
        "$(report value "$work/$run.json" memory.mmap_bytes)"
done
