#!/bin/sh
# What malloc and free cost with the library, in instructions: counts are the same at every run, times are not.
# The bounds are generous: about half as much again as was counted on Debian 12 with gcc 12 (tests/bench/README.md).
. "$(dirname "$0")/lib.sh"

need valgrind
jemalloc=$(ldconfig -p | sed -n 's/.*libjemalloc\.so\.2.*=> //p' | head -n 1)
[ -n "$jemalloc" ] || fail "no libjemalloc.so.2: scripts/setup installs it"

count() { # PAIRS LOOP FRAMES-1 [NAME=VALUE...]: instructions of the whole run
    pairs=$1 loop=$2 frames=$3
    shift 3
    env "$@" LEAKWATCH_OUTPUT=none valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$build/bench/work" "$loop" "$frames" "$pairs" 2>&1 | sed -n 's/.*Collected : //p'
}

# Of a pair: what 100,000 more of them take.
per_pair() {
    less=$(count 100000 "$@")
    more=$(count 200000 "$@")
    [ -n "$less$more" ] || fail "callgrind counted nothing"
    echo $(((more - less) / 100000))
}

added() { # WHAT BOUND LOOP FRAMES ALLOCATOR [NAME=VALUE...]
    what=$1 bound=$2 loop=$3 frames=$4 allocator=$5
    shift 5
    native=$(per_pair "$loop" "$frames" LD_PRELOAD="$allocator")
    ours=$(per_pair "$loop" "$frames" LD_PRELOAD="$library $allocator" "$@")
    echo "$what: $((ours - native)) instructions a pair added to $native"
    [ $((ours - native)) -le "$bound" ] || fail "$what: more than $bound"
    [ "$ours" -gt "$native" ] || fail "$what: the library was not there"
}

added "exact, under 5 calls" 420 pairs 4 ''
added "exact, under 20 calls" 520 pairs 19 ''
added "sampled" 45 pairs 4 '' LEAKWATCH_SAMPLE=512k
added "exact, two stacks of 20 calls in turn" 720 turns 19 ''
added "the same over jemalloc" 900 turns 19 "$jemalloc"
added "sampled over jemalloc" 320 pairs 4 "$jemalloc" LEAKWATCH_SAMPLE=512k
