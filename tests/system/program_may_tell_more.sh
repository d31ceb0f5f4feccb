#!/bin/sh
# What a program tells by leakwatch.h is in the report: phases, scopes that it excludes, names of threads; however it is
# misused. That it does nothing without the library is examples_run_with_and_without.sh's.
. "$(dirname "$0")/lib.sh"

told() { # NAME EXPRESSION...
    name=$1
    shift
    /usr/bin/python3 "$here/marks.py" "$work/$name.json" "$@" || fail "marks $name"
}

# Growth is told by phase; what a phase gave back is no change of it; what comes before main is seen.
record_well phases "$targets/marks" phases
told phases 'list(phases) == ["", "constructor", "first", "grows", "flat"]' \
    '68 << 10 < change("constructor") < 72 << 10' '100 << 10 <= change("first") < 101 << 10' \
    '900 << 10 < change("grows") < 1000 << 10' 'change("flat") == 0' '10 << 10 <= change("") < 11 << 10' \
    '2.4 < phases["grows"]["duration_s"] < 4' 'phases["grows"]["times"] == 1' \
    'sum(p["live_bytes_change"] for p in phases.values()) == report["totals"]["live_bytes"]' \
    'threads["only"]["live_bytes_change"] > 1000000' 'len(growing) == 1' 'grown("grows") > 0.8 * change("grows")' \
    'abs(sum(p["bytes"] for p in growing[0]["growth_by_phase"]) - growing[0]["to_bytes"] + growing[0]["from_bytes"]) < 10'
timeout 60 "$tool" run --output "$work/text" -- "$targets/marks" phases
contains "$work/text" "    phases  grows +"
contains "$work/text" "Phases of the program, and how live bytes changed in each:"

# The same phase again and again is one line.
with=LEAKWATCH_MIN_BYTES=1k
record_well requests "$targets/marks" requests
told requests 'phases["request"]["times"] == 10000' 'phases["idle"]["times"] == 5000' \
    '1040000 <= change("request") < 1050000' 'change("idle") == 0' 'not losses.get("marks_full")'

# Names are strangers'.
record_well names "$targets/marks" names
told names '"x" * 63 in phases' 'len(phases) == 32' '"äöü" in phases' 'phases["(others)"]["times"] == 74' \
    'len(threads) == 31' 'losses["marks_full"] == 74 + 71'
timeout 60 "$tool" run --output "$work/text" -- "$targets/marks" names
! grep -q "$(printf '\033')" "$work/text" || fail "an escape sequence of the program's is printed"
contains "$work/text" '\x1b[31mred\x0aline'

# From many threads at once, and from signal handlers that interrupt them.
record_well storm "$targets/marks" storm
told storm 'sum(phases[p]["times"] for p in ("p0", "p1", "p2")) == 160000' \
    'sum(p["live_bytes_change"] for p in phases.values()) == report["totals"]["live_bytes"]' \
    'abs(sum(p["duration_s"] for p in phases.values()) - report["process"]["duration_s"]) < 1'

# What is excluded is no site's, to the byte; a realloc takes a block in or out; frees are seen everywhere.
for kind in scopes in_turn thread mapped; do
    record_well $kind "$targets/marks" $kind
    read -r _ blocks bytes <"$work/$kind.out"
    told $kind "excluded == $blocks" "live == $bytes" 'not losses.get("unknown_free")' \
        'all(s["live_bytes"] < 750000 for s in report["sites"])'
done
told thread 'any(s["live_bytes"] > 300000 for s in report["sites"])' # the second thread's
with=LEAKWATCH_EXITCODE=7
record_well grows_inside "$targets/marks" grows_inside # nor has the library itself seen it grow
told grows_inside 'live > 1500000' 'not growing'
with="LEAKWATCH_SAMPLE=4k"
record_well sampled "$targets/marks" scopes
told sampled "2000000 < live < 4500000" 'not losses.get("unknown_free")'

# A forked child goes on where it was forked: phase, name, scope.
with="LEAKWATCH_CHILDREN=all LEAKWATCH_MIN_BYTES=1k LEAKWATCH_LEDGER=$work/forked.%p.lw"
record_well forks "$targets/marks" forks
told forks 'list(phases) == ["", "constructor", "parent'"'"'s", "waits"]' 'threads["forker"]["threads"] == 1' 'excluded == 0'
rm "$work/forked.$(report value "$work/forks.json" process.pid).lw"
"$tool" report --format json -o "$work/child.json" "$work"/forked.*.lw
told child 'list(phases) == ["", "parent'"'"'s", "child'"'"'s"]' 'change("parent'"'"'s") > 300000' 'excluded == 1' \
    'threads["forker"]["live_bytes_change"] > 300000'

# A program that was killed has told as much.
LD_PRELOAD=$library LEAKWATCH_LEDGER=$work/killed.lw "$targets/marks" phases >/dev/null 2>&1 &
running=$!
sleep 2.5
kill -KILL "$running"
wait "$running" || true
running=
"$tool" report --format json -o "$work/killed.json" "$work/killed.lw"
told killed 'list(phases) == ["", "constructor", "first", "grows"]' 'change("grows") > 200000' \
    '0.5 < phases["grows"]["duration_s"] < 2.4' \
    'sum(p["live_bytes_change"] for p in phases.values()) == report["totals"]["live_bytes"]'
