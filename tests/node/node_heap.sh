#!/bin/sh
# node_heap.sh PROGRAM growing|calm CALLER [ARGS...]: what is said of V8's heap, and who asked for its pages first.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib_node.sh"

need node
cd "$work" # V8 leaves a log where it runs
program=$1 verdict=$2 caller=$3
shift 3
# shellcheck disable=SC2086 # words
record_well heap node $flags ${NODE_FLAGS:-} "$programs/$program" "$@"
forget_map "$work/heap.json"
report runtime "$work/heap.json" v8 "$verdict" "$caller"
[ "$verdict" = growing ] || report calm "$work/heap.json"
