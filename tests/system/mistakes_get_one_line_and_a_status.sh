#!/bin/sh
# Whatever is wrong with options or ledgers: one line on stderr that says so, nothing on stdout, status 2 for
# usage and 1 for failures. And what is right stays right: JSON parses, help and version are there.
. "$(dirname "$0")/lib.sh"

# mistake STATUS TEXT ARGUMENT...: leakwatch with these arguments ends so and says so.
mistake() {
    expected=$1
    text=$2
    shift 2
    status=0
    "$tool" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    equal "status of leakwatch $*" "$expected" "$status"
    equal "lines on stderr of leakwatch $*" 1 "$(wc -l <"$work/err")"
    equal "bytes on stdout of leakwatch $*" 0 "$(wc -c <"$work/out")"
    contains "$work/err" "leakwatch: "
    contains "$work/err" "$text"
}

# Usage.
mistake 2 "which command"
mistake 2 "tpo is no command" tpo
mistake 2 "--frmt" report --frmt json
mistake 2 "needs a value" report --format
mistake 2 "expected text, json, github or junit" report --format xml
mistake 2 "expected text, json, github or junit" run --format xml true
mistake 2 "leakwatch: report: --top many: expected a number" report --top many
mistake 2 "leakwatch: report: --exit-code 256: expected a number" report --exit-code 256
mistake 2 "one ledger at a time" report one two
mistake 2 "which program" run
mistake 2 "which program" run --
mistake 2 "--bogus" run --bogus true
mistake 2 "expected a time" run --interval 5 true
mistake 2 "expected a size" run --min-bytes lots true
mistake 2 "flagged, all or none" run --children some true
for signal in FOO 9 SIGKILL STOP 11 SEGV 32 65 RTMIN+31 RTMIN-1 none2 ''; do
    mistake 2 "--signal $signal: expected a signal" run --signal "$signal" "$targets/hello"
done
mistake 2 "no arguments are expected" list 4711
mistake 2 "--all" list --all

# No ledger, or something else.
mistake 1 "No such file" report "$work/nothing"
mistake 1 "is a directory" report "$work"
mistake 1 "not a regular file" report /dev/null
mistake 1 "no ledger of a process 999999999" report 999999999
mistake 1 "0: no process has this number" report 0
mistake 1 "an empty name is neither" report ""
: >"$work/empty"
mistake 1 "too short" report "$work/empty"
head -c 100000 /dev/zero >"$work/zeros"
mistake 1 "is not a ledger" report "$work/zeros"
mkfifo "$work/fifo"
mistake 1 "not a regular file" report "$work/fifo"
esc=$(printf '\033[31m')
mistake 1 '\x1b[31m' report "$work/$esc"

# A good ledger, and what becomes of it.
with="LEAKWATCH_OUTPUT=none LEAKWATCH_LEDGER=$work/good"
preload "$targets/state" --seconds 1 >"$work/out"
[ -s "$work/good" ] || fail "no ledger"
"$tool" report "$work/good" >"$work/report.txt"
contains "$work/report.txt" "leakwatch: "
"$tool" report --format json "$work/good" >"$work/report.json"
check_report "$work/report.json"

# patched NAME OFFSET BYTES: a copy with these bytes (printf notation) at the offset.
patched() {
    cp --sparse=always "$work/good" "$work/$1"
    # shellcheck disable=SC2059 # the bytes are meant to be a format
    printf "$3" | dd of="$work/$1" bs=1 seek="$2" conv=notrunc 2>"$work/dd"
}
patched other_version 8 '\002'
mistake 1 "format 2, this leakwatch reads format 1" report "$work/other_version"
patched no_magic 0 'XX'
mistake 1 "is not a ledger" report "$work/no_magic"
patched forged_offset 39 '\377'
mistake 1 "damaged or forged" report "$work/forged_offset"
cp --sparse=always "$work/good" "$work/cut"
truncate -s 8192 "$work/cut"
mistake 1 "cut short" report "$work/cut"
truncate -s 4095 "$work/cut"
mistake 1 "too short" report "$work/cut"
if [ "$(id -u)" = 0 ]; then
    cp --sparse=always "$work/good" "$work/theirs"
    chown 65534 "$work/theirs"
    mistake 1 "belongs to another user" report "$work/theirs"
fi

# A place that cannot be written, a file that cannot be read.
mistake 1 "cannot write the report" report --output /nonexistent/folder/report "$work/good"
mistake 1 "cannot write the report" report --output /dev/full "$work/good"
mistake 1 "suppressions /nonexistent" run --suppressions /nonexistent -- "$targets/state"
mistake 1 "suppressions /nonexistent" report --suppressions /nonexistent "$work/good"

# At exit the report is worth more than its place: it goes to stderr then.
LEAKWATCH_OUTPUT=/nonexistent/folder/report at_exit "no such folder" "$work/good"
contains "$work/err" "cannot write the report"
contains "$work/err" "Not seen:"

# A pattern, and flags.
"$tool" report --output "$work/%n-%%-%h.txt" "$work/good"
[ -s "$work/state-%-$(uname -n).txt" ] || fail "the pattern went elsewhere: $(ls "$work")"
"$tool" report --output none "$work/good" >"$work/out" 2>&1
equal "bytes of no report" 0 "$(wc -c <"$work/out")"
status=0
"$tool" report --exit-code 3 "$work/good" >"$work/out" || status=$?
equal "status when nothing grows" 0 "$status"

for command in "" run report list; do
    # shellcheck disable=SC2086 # none or one
    "$tool" $command --help >"$work/help" || fail "$command --help"
    contains "$work/help" "usage: leakwatch"
done
"$tool" --version | grep -q '^leakwatch [0-9]' || fail "--version"
