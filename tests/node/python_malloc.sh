#!/bin/sh
# With PYTHONMALLOC=malloc there are no arenas: what grows are the sites of the objects themselves.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib_node.sh"

need /usr/bin/python3
with=PYTHONMALLOC=malloc
for kind in array memo listeners state; do
    record_well $kind /usr/bin/python3 "$programs/python/leaks.py" $kind &
    pids="${pids:-} $!"
done
for pid in $pids; do
    wait "$pid"
done
report calm "$work/state.json"
for kind in array memo listeners; do
    report grows "$work/$kind.json" _PyEval_EvalFrameDefault
done
