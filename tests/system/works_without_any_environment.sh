#!/bin/sh
# With no environment at all (the loader is told to preload) the program runs and is reported on stderr.
. "$(dirname "$0")/lib.sh"

loader=/lib64/ld-linux-x86-64.so.2
need $loader
status=0
timeout -k 5 60 env -i $loader --preload "$library" "$targets/ends" exit \
    >"$work/out" 2>"$work/err" || status=$?
equal "exit status" 22 "$status"
equal "output" "buffered; handler ran; " "$(cat "$work/out")"
contains "$work/err" "ended: exit 22"
contains "$work/err" "    allocate "
