#!/bin/sh
# python_heap.sh KIND growing|calm: what is said of python's arenas.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib_node.sh"

need /usr/bin/python3
record_well heap /usr/bin/python3 "$programs/python/leaks.py" "$1"
report runtime "$work/heap.json" python "$2"
[ "$2" = growing ] || report calm "$work/heap.json"
