#!/bin/sh
# A malformed value gets exactly one line with the variable, the value and what is accepted; an unknown
# name gets the nearest known one. The program runs as ever.
. "$(dirname "$0")/lib.sh"

"$targets/ends" return >"$work/without" || true

# complains VARIABLE=VALUE TEXT...: one line that has the variable, the value, and each text.
complains() {
    variable=${1%%=*} value=${1#*=}
    status=0
    preload LEAKWATCH_OUTPUT="$work/report" "$1" "$targets/ends" return >"$work/out" 2>"$work/err" || status=$?
    equal "exit status with $1" 21 "$status"
    same "output with $1" "$work/without" "$work/out"
    grep -F "$variable" "$work/err" >"$work/lines" || fail "no word about $1"
    equal "lines about $1" 1 "$(wc -l <"$work/lines")"
    shift
    for text in "$value" "$@"; do
        contains "$work/lines" "$text"
    done
}

complains LEAKWATCH_INTERVAL=soon 250ms 1m
complains LEAKWATCH_INTERVAL=-1s 250ms 1m
complains LEAKWATCH_INTERVAL=1parsec 250ms 1m
complains LEAKWATCH_INTERVAL=0 1ms
complains LEAKWATCH_SAMPLE=often 512k
complains LEAKWATCH_SAMPLE=99999999999999999999g 512k
complains LEAKWATCH_DEPTH=deep 1 256
complains LEAKWATCH_DEPTH=-3 1 256
complains LEAKWATCH_MIN_BYTES=64q 64k
complains LEAKWATCH_WARMUP=x 30s
complains LEAKWATCH_TOP=ten number
complains LEAKWATCH_MMAP=maybe '0 or 1'
complains LEAKWATCH_CHILDREN=some flagged all none
complains LEAKWATCH_EXITCODE=one 0 255
complains LEAKWATCH_EXITCODE=4711 0 255
complains LEAKWATCH_ANNOUNCE=loud '0 or 1'
complains LEAKWATCH_SIGNAL=LOUD USR2
complains LEAKWATCH_VERBOSE=9 0 2
complains LEAKWATCH_FORMAT=xml text json
complains LEAKWATCH_LEDGER=/tmp/%q %p %n
complains LEAKWATCH_INTERVALL=1s 'nearest is LEAKWATCH_INTERVAL:'
complains LEAKWATCH_SAMPEL=1 'nearest is LEAKWATCH_SAMPLE:'
complains LEAKWATCH_FORMATS=json 'nearest is LEAKWATCH_FORMAT:'

# LEAKWATCH_OUTPUT itself: the report then goes where it goes by default, to stderr.
preload LEAKWATCH_OUTPUT=/tmp/%q "$targets/ends" return >"$work/out" 2>"$work/err" || true
equal "lines about LEAKWATCH_OUTPUT" 1 "$(grep -c LEAKWATCH_OUTPUT "$work/err")"
contains "$work/err" "ended: exit 21"

# The tool has a table of signals of its own; both know the same ones.
names=$(env kill -L 2>/dev/null | tr -s ' ' '\n' | grep '^[A-Z]') || names="KILL STOP USR2 IO SEGV SYS STKFLT"
for signal in 0 1 9 11 12 19 31 32 33 34 64 65 $names SIGUSR2 RTMIN+30 RTMIN+31 RTMAX-30 RTMAX-31 RTMAX+1 RTMIN+ USR2x none; do
    preload LEAKWATCH_OUTPUT=none LEAKWATCH_SIGNAL="$signal" "$targets/hello" >"$work/out" 2>"$work/library" || true
    "$tool" run --output none --signal "$signal" "$targets/hello" >"$work/out" 2>"$work/tool" || true
    equal "complaints about signal $signal" "$(grep -c 'LEAKWATCH_SIGNAL=' "$work/library")" \
        "$(grep -c 'expected a signal' "$work/tool")"
done
