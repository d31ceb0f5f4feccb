# What the system tests share; every test begins with   . "$(dirname "$0")/lib.sh"
#
# A test is one behaviour. It ends with 0, with 1 (fail says why) or with 77 (skip says why). It may use
#   $library $tool $targets   what is tested
#   $work                     an empty folder, removed at the end with every process in $running
# shellcheck shell=sh disable=SC2034 # most of it is for the tests
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=${LEAKWATCH_BUILD:?set it to the build folder}
library=$build/libleakwatch.so
tool=$build/leakwatch
targets=$build/targets
at_exit_given=68 # the tool's status when it has given a report at exit (src/ledger/at_exit.h)
export LC_ALL=C

# Nothing of the caller's settings; the library would also complain about LEAKWATCH_BUILD.
for name in $(env | sed -n 's/^\(LEAKWATCH_[A-Za-z0-9_]*\)=.*/\1/p'); do
    unset "$name"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/leakwatch-test.XXXXXX")
running= # processes to end
with=    # more variables for record, NAME=VALUE words
also=    # more libraries to preload, behind ours

finish() {
    for pid in $running; do
        kill -KILL "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

skip() {
    echo "skipped: $*"
    exit 77
}

# Skips unless every one of the programs (or files) is there.
need() {
    for thing in "$@"; do
        command -v "$thing" >/dev/null || [ -e "$thing" ] || skip "no $thing on this machine"
    done
}

equal() { # WHAT EXPECTED ACTUAL
    [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# at_exit WORDS LEDGER: the tool gives the report as it does when a program exits.
at_exit() {
    status=0
    timeout -k 5 60 "$tool" report --at-exit "$2" >"$work/out" 2>"$work/err" || status=$?
    equal "status at exit, $1" "$at_exit_given" "$status"
}

contains() { # FILE TEXT
    grep -qF -e "$2" "$1" || fail "no '$2' in $(basename "$1"):
$(head -c 3000 "$1")"
}

same() { # WHAT EXPECTED_FILE ACTUAL_FILE
    cmp -s "$2" "$3" || fail "$1:
$(diff "$2" "$3" | head -20)"
}

# preload [NAME=VALUE...] COMMAND...: runs it under the library and $also, with the variables in $with. Neither timeout
# nor env is preloaded itself.
preload() {
    # shellcheck disable=SC2086 # words
    timeout -k 5 100 env LD_PRELOAD="$library${also:+ $also}" $with "$@"
}

# record NAME COMMAND...: the same; leaves NAME.out, NAME.err and the report NAME.json in $work, and the
# exit status in $status. The report must be there and its equations must hold.
record() {
    name=$1
    shift
    start "$name" "$@"
    check_report "$work/$name.json"
}

# The same, and the exit status must be 0.
record_well() {
    record "$@"
    equal "exit status of $1" 0 "$status"
}

# The same as record without a look at the report.
start() {
    name=$1
    shift
    status=0
    preload LEAKWATCH_FORMAT=json LEAKWATCH_OUTPUT="$work/$name.json" "$@" \
        >"$work/$name.out" 2>"$work/$name.err" || status=$?
}

check_report() { # FILE
    [ -s "$1" ] || fail "no report $(basename "$1"); stderr: $(cat "$work"/*.err)"
    report sound "$1"
}

# Questions to a report: report.py says which.
report() {
    /usr/bin/python3 "$here/report.py" "$@" || fail "report $*"
}

# wait_for FILE TEXT: until a line of a file says so, 20 s at most.
wait_for() {
    tries=200
    until grep -qsF -e "$2" "$1"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "'$2' never came in $(basename "$1")"
        sleep 0.1
    done
}
