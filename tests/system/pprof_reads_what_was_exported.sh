#!/bin/sh
# leakwatch export --format pprof: Go's own pprof reads it and says, to the byte, what CSV and JSON say.
. "$(dirname "$0")/lib.sh"
need python3 go
export HOME="$work" PPROF_TMPDIR="$work" # where pprof keeps what it was given

# profile NAME COMMAND...: runs it, exports, and has pprof read it.
profile() {
    name=$1
    shift
    preload LEAKWATCH_LEDGER="$work/$name.lw" LEAKWATCH_OUTPUT=none "$@" >"$work/truth" || fail "$* under the library"
    for format in pprof csv json; do
        "$tool" export --format $format -o "$work/$name.$format" "$work/$name.lw" 2>"$work/err" ||
            fail "export of $name: $(cat "$work/err")"
    done
    go tool pprof -raw "$work/$name.pprof" >"$work/$name.raw" 2>"$work/err" || fail "pprof -raw: $(cat "$work/err")"
    python3 "$here/pprof_raw.py" "$work/$name" || fail "$name: see above"
}

# top NAME TYPE FUNCTION COLUMN: pprof's first line for this value is this function with the bytes that CSV gives it.
top() {
    go tool pprof -top -unit=bytes -nodecount=1 -sample_index="$2" "$work/$1.pprof" >"$work/top" 2>"$work/err" ||
        fail "pprof -top: $(cat "$work/err")"
    bytes=$(python3 -c 'import csv, sys
print(sum(int(r[sys.argv[3]]) for r in csv.DictReader(open(sys.argv[1], newline="")) if r["function"] == sys.argv[2]))' \
        "$work/$1.csv" "$3" "$4")
    grep -Eq "^ *${bytes}B .* $3\$" "$work/top" || fail "pprof -top $2, expected $bytes bytes in $3: $(cat "$work/top")"
}

profile array "$targets/array" --seconds 4
top array growth_space new_measurement growth_bytes
top array alloc_space new_measurement allocated_bytes
contains "$work/array.raw" "growth_space/bytes[dflt]"
profile mappings "$targets/mappings" --seconds 2
contains "$work/mappings.raw" "kind:[mmap]"
profile inlined "$targets/cxx"
profile calm "$targets/state" --seconds 1
contains "$work/calm.raw" "inuse_space/bytes[dflt]"
with=LEAKWATCH_DEPTH=2
profile cut "$targets/array" --seconds 1
with=
contains "$work/cut.raw" "(cut)"

# A program without symbols, whose name a terminal would obey: pprof is given its addresses.
need strip
odd=$work/$(printf 'o\033[31mdd')
strip -o "$odd" "$targets/array"
profile odd "$odd" --seconds 1
grep -q "$(printf '\033')" "$work/odd.raw" && fail "an escape sequence got through"
contains "$work/odd.raw" 'o\x1b[31mdd'

# Nobody wants it on a terminal.
need script
script -qec "'$tool' export --format pprof '$work/array.lw'" /dev/null >"$work/out" 2>&1 </dev/null &&
    fail "written to a terminal"
contains "$work/out" "--format pprof is not for a terminal: name a file with -o"
