#!/bin/sh
# totals_match_truth [--under LIBRARY] TARGET [ARGUMENTS...]: each function allocated and freed exactly
# what the target says, to the block, also under another allocator.
. "$(dirname "$0")/lib.sh"

if [ "$1" = --under ]; then
    need "$2"
    also=$2
    shift 2
fi
target=$1
shift
with=LEAKWATCH_MIN_BYTES=0 # every site is in the report
record_well run "$targets/$target" "$@"
! grep FAILED "$work/run.out" || fail "the target itself"
report truth "$work/run.json" "$work/run.out"
case "$target $also" in
eight_bytes\ ?*) ! grep -qx '0 in the upper half' "$work/run.out" || fail "no block shared its 16 bytes" ;;
esac
