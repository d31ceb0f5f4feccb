#!/bin/sh
# --exit-code counts a heap that grows like a site: of `run`, of its children, and of `report`; a calm one leaves it alone.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib_node.sh"

need node
cd "$work" # V8 leaves a log where it runs
export LEAKWATCH_LEDGER="$work/%n.%p.ledger" TURNS=2000

# asked NAME COMMAND...: its exit status under run is left in $status, its report in NAME.txt
asked() {
    name=$1
    shift
    status=0
    "$tool" run --exit-code 9 --output "$work/$name.txt" -- "$@" >"$work/$name.out" 2>"$work/$name.err" || status=$?
}

TURNS=1000 asked calm node "$programs/state.js"
equal "status of a calm heap" 0 "$status"

# A memo's pages are asked for at many sites, none of which need grow: the heap does.
asked leak node "$programs/memo.js"
equal "status of a growing heap" 9 "$status"
contains "$work/leak.txt" "leakwatch: V8 heap"
ledger=$(find "$work" -name 'node.*.ledger' -newer "$work/calm.txt")
status=0
"$tool" report --exit-code 9 "$ledger" >"$work/report.txt" || status=$?
equal "status of report" 9 "$status"

# Children are judged from 10 s on. They are looked for where ledgers lie by default.
unset LEAKWATCH_LEDGER
# shellcheck disable=SC2016 # the shell that is recorded expands it
TURNS=2400 asked child sh -c 'node "$1"; exit 0' sh "$programs/listeners.js"
equal "status of a growing child" 9 "$status"
