#!/bin/sh
# With LEAKWATCH_CHILDREN=all a forked child that lived long enough has a report of its own, with its own
# totals only.
. "$(dirname "$0")/lib.sh"

preload LEAKWATCH_CHILDREN=all LEAKWATCH_MIN_BYTES=0 LEAKWATCH_FORMAT=json \
    LEAKWATCH_OUTPUT="$work/%p.json" "$targets/processes" fork >"$work/out" 2>"$work/err" ||
    fail "the target itself"
equal "children that ended well" 2 "$(grep -c 'child .* ended well' "$work/out")"
cat >"$work/truth" <<END
truth: allocations child_allocates 1000
truth: live_blocks child_allocates 1000
truth: allocations parent_allocates 0
END
sed -n 's/^child \([0-9]*\) .*/\1/p' "$work/out" >"$work/pids"
while read -r child; do
    check_report "$work/$child.json"
    report truth "$work/$child.json" "$work/truth"
    rm "$work/$child.json"
done <"$work/pids"
parent=$(echo "$work"/*.json)
check_report "$parent"
report truth "$parent" "$work/out"
equal "children of the parent" 2 "$(/usr/bin/python3 -c \
    'import json, sys; print(len(json.load(open(sys.argv[1]))["process"]["children"]))' "$parent")"
