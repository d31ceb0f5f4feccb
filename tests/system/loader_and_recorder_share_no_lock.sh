#!/bin/sh
# Plugins come and go while other threads allocate and throw: nothing hangs, nothing crashes.
. "$(dirname "$0")/lib.sh"

record_well run "$targets/loader" "$targets/libplugin.so" --seconds 3
contains "$work/run.out" "ended well"
