#!/bin/sh
# Buffers come from malloc: every one of them is counted, under the function that made it.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib_node.sh"

need node
cd "$work" # V8 leaves a log where it runs
with=LEAKWATCH_MIN_BYTES=16k # or the stacks that made one or two would not be listed
# shellcheck disable=SC2086 # words
record_well buffers node $flags "$programs/buffers.js"
forget_map "$work/buffers.json"
report runtime "$work/buffers.json" buffers growing keepBuffer
equal buffers "$(sed -n 's/^kept \([0-9]*\) .*/\1/p' "$work/buffers.out")" \
    "$(report blocks "$work/buffers.json" keepBuffer 16384)"
