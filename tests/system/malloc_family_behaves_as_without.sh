#!/bin/sh
# malloc_family_behaves_as_without [LIBRARY [ARGUMENTS...]]: results, errno, alignment, contents and usable
# sizes of every call are the next allocator's, byte for byte.
. "$(dirname "$0")/lib.sh"

allocator=${1:-}
[ $# = 0 ] || shift
[ -z "$allocator" ] || need "$allocator"
LD_PRELOAD=$allocator "$targets/conformance" "$@" >"$work/without" || fail "the target itself"
also=$allocator
record_well run "$targets/conformance" "$@"
same "the malloc family differs" "$work/without" "$work/run.out"
