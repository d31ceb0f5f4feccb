#!/bin/sh
# 2,000 children are forked while four threads learn new code; each allocates through code not yet learnt,
# and ends.
. "$(dirname "$0")/lib.sh"

record run "$targets/forks" "$targets/libplugin.so" "$work"
cat "$work/run.out"
equal "exit status" 0 "$status"
contains "$work/run.out" "2000 of 2000 children ended well"
