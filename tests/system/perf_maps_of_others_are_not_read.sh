#!/bin/sh
# /tmp/perf-PID.map lies where everybody can write: only a regular file of the user's or root's is read, and whatever it
# says, the report stays plain and comes in time.
. "$(dirname "$0")/boundary.sh"

pid=$((4194400 + $$ % 1000000))
map=/tmp/perf-$pid.map
trap 'rm -f "$map"; finish' EXIT
forge jit:$pid "$work/jit.lw"
jit() { # NAMED|UNNAMED
    harmless jit "$work/jit.lw"
    if [ "$1" = NAMED ]; then
        contains "$work/jit.txt" compiled
    elif grep -q compiled "$work/jit.txt"; then
        fail "$2 was read"
    fi
    rm -f "$map"
}
printf '1000 200 compiled\n' >"$map" && jit NAMED
printf '1000 200 compiled\033[2J\r\nff zz\n-1 -2 x\n\n1000 ffffffffffffffff y\n' >"$map" && jit NAMED
printf '1000 200 compiled\n' >"$work/map"
ln -s "$work/map" "$map" && jit UNNAMED "a symbolic link"
mkfifo "$map" && jit UNNAMED "a fifo"
mkdir "$map" && harmless jit "$work/jit.lw" && rmdir "$map"
if [ "$(id -u)" = 0 ]; then
    printf '1000 200 compiled\n' >"$map"
    chown 64124 "$map"
    jit UNNAMED "another user's file"
fi
# Larger than anybody reads, and one line without an end.
truncate -s 10G "$map" && jit UNNAMED "zeros"
{
    printf '1000 200 compiled'
    head -c 30000000 /dev/zero | tr '\0' x
} >"$map"
jit NAMED
[ "$(wc -c <"$work/jit.txt")" -lt 100000 ] || fail "the name without an end was printed"
