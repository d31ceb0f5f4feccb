#!/bin/sh
# libdw follows the link to separate debugging information wherever it leads; at a fifo it would wait for ever. The
# report comes all the same, in time for the recorder that waits for it, without names and with one line about it.
. "$(dirname "$0")/boundary.sh"
need cc objcopy

echo 'int main(void) { return 0; }' >"$work/a.c"
cc -g -Wl,--build-id=none -o "$work/a" "$work/a.c"
objcopy --only-keep-debug "$work/a" "$work/a.debug"
(cd "$work" && objcopy --strip-all --add-gnu-debuglink=a.debug a)
rm "$work/a.debug"
mkfifo "$work/a.debug"
touch -d 2000-01-01 "$work/a"
forge "module:$work/a" "$work/a.lw"
status=0
timeout -k 5 28 "$tool" report --at-exit "$work/a.lw" >"$work/out" 2>"$work/err" || status=$?
equal "status" "$at_exit_given" "$status"
contains "$work/err" "leakwatch: the report is without names"
contains "$work/err" "server+0x1100"
plain "$work/err"
