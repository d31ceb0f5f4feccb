#!/bin/sh
# report and run --baseline: what grew before passes, what newly grows does not, also when the program was built anew.
. "$(dirname "$0")/lib.sh"
need python3

"$tool" run --ledger "$work/old.lw" --format json --output "$work/old.json" -- "$targets/old/release" --seconds 4 &
first=$!
"$tool" run --ledger "$work/new.lw" --output none -- "$targets/new/release" --seconds 4 || fail "new"
wait $first || fail "old"

# ask STATUS LEDGER OPTION...: the report is in $work/out.
ask() {
    expected=$1 ledger=$2 status=0
    shift 2
    "$tool" report --exit-code 9 "$@" "$work/$ledger" >"$work/out" 2>"$work/err" || status=$?
    equal "status of report $* $ledger: $(cat "$work/err")" "$expected" "$status"
    equal "complaints of report $* $ledger" "" "$(cat "$work/err")"
}

for baseline in old.json old.lw; do
    ask 9 old.lw
    ask 0 old.lw --baseline "$work/$baseline"
    contains "$work/out" "leakwatch: no site grows"
    contains "$work/out" "(3 more known from the baseline)"
    contains "$work/out" "Known from the baseline: 3 growing ("
    ask 9 new.lw --baseline "$work/$baseline"
    contains "$work/out" "leakwatch: 1 of"
    contains "$work/out" "(2 more known from the baseline)"
    contains "$work/out" "leak:add_metric"
    grep -q "leak:log_line" "$work/out" && fail "a known finding is flagged"
done

# The next baseline, made with the last one, knows all of it.
ask 9 new.lw --baseline "$work/old.json" --format json
cp "$work/out" "$work/next.json"
report sound "$work/next.json"
/usr/bin/python3 - "$work/next.json" <<'EOF' || fail "see above"
import json, sys

with open(sys.argv[1]) as file:
    report = json.load(file)
grow = {site["stack"][0]["function"]: site for site in report["sites"] if site["verdict"] == "growing"}
known = {name: site["known_from_baseline"] for name, site in grow.items()}
assert known == {"log_line": True, "remember_query": True, "add_metric": False}, known
assert all(site["suppressed"] == site["known_from_baseline"] for site in report["sites"])
assert report["totals"]["growing"] == 1
EOF
ask 0 new.lw --baseline "$work/next.json"
# What merely held memory then is not known to grow: swapped, all that grows in new.lw is new.
sed 's/"verdict": "growing"/"verdict": "resident"/' "$work/next.json" >"$work/calm.json"
ask 9 new.lw --baseline "$work/calm.json"
contains "$work/out" "leakwatch: 3 of"

# run, from the beginning to the status.
status=0
"$tool" run --exit-code 9 --baseline "$work/old.json" -- "$targets/new/release" --seconds 4 2>"$work/err" >"$work/out" || status=$?
equal "status of a run that newly grows" 9 "$status"
contains "$work/err" "(2 more known from the baseline)"
"$tool" run --exit-code 9 --baseline "$work/next.json" -- "$targets/new/release" --seconds 4 2>"$work/err" >"$work/out" ||
    fail "known findings do not pass: $(cat "$work/err")"
contains "$work/err" "leakwatch: no site grows"

# The heap of a runtime is one finding, for all who ask.
need /usr/bin/python3
"$tool" run --ledger "$work/heap.lw" --output none -- /usr/bin/python3 "$here/../node/python/leaks.py" memo >"$work/out" ||
    fail "python"
ask 9 heap.lw --baseline "$work/old.json"
ask 9 heap.lw --format json
cp "$work/out" "$work/heap.json"
for baseline in heap.lw heap.json; do
    ask 0 heap.lw --baseline "$work/$baseline"
    contains "$work/out" "leakwatch: no site grows"
    contains "$work/out" "Known from the baseline: Python heap growing ("
done
ask 9 heap.lw --format github
contains "$work/out" "title=leakwatch%3A Python heap grows without bound::GROWING"
ask 9 heap.lw --format junit
contains "$work/out" 'tests="1" failures="1" errors="0" skipped="0"'
contains "$work/out" 'name="Python heap does not grow"'
ask 0 heap.lw --format junit --baseline "$work/heap.json"
contains "$work/out" 'tests="1" failures="0" errors="0" skipped="1"'
"$tool" diff "$work/heap.lw" "$work/heap.json" >"$work/out" || fail "diff of a heap"
contains "$work/out" "leakwatch: nothing newly grows; 1 still growing"
"$tool" diff --exit-code 9 "$work/calm.json" "$work/heap.json" >"$work/out" && fail "a heap that newly grows passed"
contains "$work/out" "      Python heap"

# A mistake is told before the program runs.
"$tool" run --baseline "$work/none.json" -- touch "$work/ran" >"$work/out" 2>"$work/err" && fail "a missing baseline passed"
contains "$work/err" "none.json: No such file"
[ ! -e "$work/ran" ] || fail "the program ran all the same"
"$tool" report --baseline "$work/err" "$work/new.lw" >"$work/out" 2>"$work/err2" && fail "any file is a baseline"
contains "$work/err2" "neither a ledger nor a JSON report"
equal "reports without their baseline" "" "$(cat "$work/out")"
