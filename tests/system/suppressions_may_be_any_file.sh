#!/bin/sh
# A file of suppressions may be anything by mistake: the report comes in time, or one line says what is wrong.
. "$(dirname "$0")/boundary.sh"

forge none "$work/a.lw"

# suppressed FILE: $status, $work/out and $work/err, within little memory.
suppressed() {
    status=0
    timeout -k 5 30 "$tool" report --suppressions "$1" "$work/a.lw" >"$work/out" 2>"$work/err" || status=$?
}
# refused FILE TEXT
refused() {
    suppressed "$1"
    equal "status with $1" 1 "$status"
    equal "lines with $1" 1 "$(wc -l <"$work/err")"
    contains "$work/err" "$2"
}
mkfifo "$work/fifo"
suppressed "$work/fifo"
equal "status with a pipe that nobody writes" 0 "$status"
refused "$work" "Is a directory"
refused /dev/zero "File too large"
truncate -s 1G "$work/sparse"
refused "$work/sparse" "File too large"
head -c 100000 /dev/urandom >"$work/random"
suppressed "$work/random"
equal "status with random bytes" 0 "$status"
[ "$(wc -l <"$work/err")" -le 6 ] || fail "$(wc -l <"$work/err") lines about random bytes"
plain "$work/err"

# As from <(command): the pipe's writer is waited for.
{ sleep 0.3 && echo nonsense; } | {
    status=0
    timeout -k 5 30 "$tool" report --suppressions /dev/stdin "$work/a.lw" >"$work/out" 2>"$work/err" || status=$?
    equal "status with a pipe" 0 "$status"
}
contains "$work/err" "/dev/stdin:1: ignored"
