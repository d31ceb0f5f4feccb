#!/bin/sh
# On a stack of 4 KiB the library takes at most 512 bytes more than the program takes without it.
. "$(dirname "$0")/lib.sh"

"$targets/coroutine" >"$work/without" || fail "the target itself"
record_well run "$targets/coroutine"
while read -r operation before; do
    after=$(sed -n "s/^$operation //p" "$work/run.out")
    echo "$operation: $before bytes without, $after with"
    [ -n "$after" ] && [ "$after" -le $((before + 512)) ] || too_deep="${too_deep:-} $operation"
done <"$work/without"
[ -z "${too_deep:-}" ] || fail "more than 512 bytes:$too_deep"
