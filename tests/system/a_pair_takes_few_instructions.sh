#!/bin/sh
# What malloc and free cost with the library, in instructions: counts are the same at every run, times are not.
# The bounds are generous: about half as much again as was counted on Debian 12 with gcc 12 (tests/bench/README.md).
. "$(dirname "$0")/lib.sh"

need valgrind
count() { # PAIRS FRAMES-1 [NAME=VALUE...]: instructions of the whole run
    pairs=$1 frames=$2
    shift 2
    env "$@" LEAKWATCH_OUTPUT=none valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$build/bench/work" pairs "$frames" "$pairs" 2>&1 | sed -n 's/.*Collected : //p'
}

# Of a pair: what 100,000 more of them take.
per_pair() {
    less=$(count 100000 "$@")
    more=$(count 200000 "$@")
    [ -n "$less$more" ] || fail "callgrind counted nothing"
    echo $(((more - less) / 100000))
}

added() { # WHAT BOUND FRAMES [NAME=VALUE...]
    what=$1 bound=$2 frames=$3
    shift 3
    native=$(per_pair "$frames" LD_PRELOAD=)
    ours=$(per_pair "$frames" LD_PRELOAD="$library" "$@")
    echo "$what: $((ours - native)) instructions a pair added to $native"
    [ $((ours - native)) -le "$bound" ] || fail "$what: more than $bound"
    [ "$ours" -gt "$native" ] || fail "$what: the library was not there"
}

added "exact, under 5 calls" 420 4
added "exact, under 20 calls" 520 19
added "sampled" 45 4 LEAKWATCH_SAMPLE=512k
