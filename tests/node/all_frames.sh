#!/bin/sh
# V8's own frames, between a page request and the function that asked, are left out of the shown stack; --all-frames of
# `run` and of `report` shows them, down to the request.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib_node.sh"

need node
cd "$work" # V8 leaves a log where it runs
export TURNS=1500 LEAKWATCH_LEDGER="$work/leak.ledger"
# shellcheck disable=SC2086 # words
"$tool" run --all-frames --output all.txt -- node $flags "$programs/memo.js" >out
"$tool" report "$LEAKWATCH_LEDGER" >folded.txt
"$tool" report --all-frames "$LEAKWATCH_LEDGER" >unfolded.txt
rm -f /tmp/perf-"$("$tool" report --format json "$LEAKWATCH_LEDGER" | python3 -c 'import json, sys; print(json.load(sys.stdin)["process"]["pid"])')".map

for shown in all folded unfolded; do
    contains $shown.txt "remember"
done
for shown in all unfolded; do
    grep -q 'v8::internal::\|v8::base::' $shown.txt || fail "no frame of V8 in $shown.txt"
    grep -q -- '--all-frames' $shown.txt && fail "$shown.txt still speaks of --all-frames"
done
grep -q 'v8::internal::' folded.txt && fail "a frame of V8 without --all-frames"
exit 0
