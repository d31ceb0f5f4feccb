#!/bin/sh
# leakwatch doctor: good news here, and a line with a remedy for each thing that is not.
. "$(dirname "$0")/lib.sh"

# doctor STATUS [NAME=VALUE...] [-- PROGRAM]
doctor() {
    expected=$1 status=0 program=
    shift
    [ "${1:-}" != -- ] || program=$2
    if [ -n "$program" ]; then
        timeout 20 "$tool" doctor "$program" >"$work/out" 2>"$work/err" || status=$?
    else
        timeout 20 env "$@" "$tool" doctor >"$work/out" 2>"$work/err" || status=$?
    fi
    equal "status" "$expected" "$status"
}

doctor 0
contains "$work/out" "true was recorded"
contains "$work/out" "whole stacks"
contains "$work/out" "Programs can be recorded here"
equal "complaints" "" "$(cat "$work/err")"

doctor 0 LEAKWATCH_DEPTH=deep LEAKWATCH_TOPP=3 LEAKWATCH_TOP=3
contains "$work/out" "advice  LEAKWATCH_DEPTH=deep counts as not set"
contains "$work/out" "expected a number from 1 to 256"
contains "$work/out" "advice  LEAKWATCH_TOPP is no setting"
contains "$work/out" "good    LEAKWATCH_TOP=3"

doctor 0 -- "$targets/state"
contains "$work/out" "good    $targets/state can be recorded"
doctor 1 -- /sbin/ldconfig
contains "$work/out" "TROUBLE /sbin/ldconfig is statically linked"
doctor 1 -- no-such-program
contains "$work/out" "TROUBLE no-such-program: command not found"
doctor 0 -- "$targets/own_malloc"
contains "$work/out" "advice  $targets/own_malloc brings its own malloc"

# The tool alone, where no library lies beside it.
cp "$tool" "$work/leakwatch"
tool=$work/leakwatch
if [ ! -e /usr/local/lib/libleakwatch.so ]; then
    doctor 1
    contains "$work/out" "TROUBLE the library is missing"
fi

# A library that cannot be loaded leaves no ledger.
printf 'no library' >"$work/libleakwatch.so"
doctor 1
contains "$work/out" "there is no ledger of it"
