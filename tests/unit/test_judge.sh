#!/bin/sh
# test_judge.sh JUDGE: what the judge program accepts, prints and refuses.
set -eu
judge=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

fail() {
    echo "FAILED: $*"
    status=1
}

# refused WHAT MESSAGE: the text on stdin is refused with one line on stderr that has MESSAGE, status 2.
refused() {
    code=0
    "$judge" >"$work/out" 2>"$work/err" || code=$?
    [ $code -eq 2 ] || fail "$1: exit status $code"
    [ "$(wc -l <"$work/err")" -eq 1 ] || fail "$1: not one line on stderr"
    grep -qF "$2" "$work/err" || fail "$1: $(cat "$work/err")"
}

refused "no input" "no header" </dev/null
printf 'id,t_s\n' | refused "missing column" ":1: no column live_bytes"
printf 'id,t_s,id,live_bytes\n' | refused "column twice" ":1: column id is there twice"
printf 'id,t_s,live_bytes\na,1\n' | refused "short row" ":2: 2 fields where the header has 3"
printf 'id,t_s,live_bytes\na,1,2\n\na,1,2,3\n' | refused "long row" ":4: 4 fields where the header has 3"
printf 'id,t_s,live_bytes\na,1,2x\n' | refused "not a number" ":2: live_bytes '2x' is not a number"
printf 'id,t_s,live_bytes\na,nan,2\n' | refused "not finite" ":2: t_s 'nan' is not a number"
printf 'id,t_s,live_bytes\na,1,-2\n' | refused "negative" ":2: live_bytes -2 is out of range"
printf 'id,t_s,live_bytes\na,2,1\nb,1,1\na,1,1\n' | refused "time" ":4: a: time goes back from 2 to 1"
printf 'id,t_s,live_bytes\n,2,1\n' | refused "empty id" ":2: id ''"
printf 'id,t_s,live_bytes\na,1,1\0\n' | refused "binary" ":2: a NUL byte"
code=0
"$judge" "$work/none" 2>"$work/err" || code=$?
[ $code -eq 2 ] || fail "missing file: exit status $code"
grep -q "none: No such file" "$work/err" || fail "missing file: $(cat "$work/err")"

# linear TICK START STEP: STEP bytes more at each of 300 ticks; other columns, another order, CRLF.
linear() {
    awk -v tick="$1" -v start="$2" -v step="$3" 'BEGIN {
        printf "live_bytes,colour,t_s,id\r\n"
        for (i = 1; i <= 300; i++) printf "%.0f,red,%.9f,a\r\n", i * step, start + i * tick
    }'
}

# judged WHAT EXPECTED: the text on stdin gives that line.
judged() {
    line=$("$judge") || fail "$1: exit status $?"
    [ "$line" = "$2" ] || fail "$1: $line"
}

linear 0.01 0 1000 | judged "3 s" "a growing linear 0.94 100000 0.2"
linear 0.000002 0 1000 | judged "600 us" "a growing linear 0.94 5e+08 4e-05"
linear 8640 0 1000 | judged "30 days" "a growing linear 0.94 0.115741 172800"
linear 1 1700000000 1000 | judged "since 1970" "a growing linear 0.94 1000 1700000020"
linear 1 -20 1000 | judged "from before zero" "a growing linear 0.94 1000 0"
linear 1 0 3000000000000 | judged "up to 9e14 bytes" "a growing linear 0.94 3e+12 20"
printf 'id,t_s,live_bytes\nb,1,1\na,1,1\nb,2,1\n' | judged "order" "b undecided - - - -
a undecided - - - -"

exit $status
