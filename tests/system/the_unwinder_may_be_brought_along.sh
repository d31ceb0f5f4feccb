#!/bin/sh
# the_unwinder_may_be_brought_along.sh AUDIT: where the system has no libunwind (AUDIT plays that), stacks have one frame and that
# is said; with copies of it and of liblzma beside the library they are whole.
. "$(dirname "$0")/lib.sh"
lacks=$1 folder=$work/brought
mkdir "$folder"
cp "$library" "$folder"
library=$folder/libleakwatch.so

frames() { # NAME: of the named site's stack
    /usr/bin/python3 -c 'import json, sys; print(max(len(s["stack"]) for s in json.load(open(sys.argv[1]))["sites"]))' "$work/$1.json"
}

with="LD_AUDIT=$lacks LEAKWATCH_TOOL=$tool"
record_well without "$targets/array" --seconds 1
equal "frames without" 1 "$(frames without)"
contains "$work/without.err" "libunwind-x86_64.so.8 cannot be loaded"
for name in libunwind-x86_64.so.8 liblzma.so.5; do
    cp "$(ldconfig -p | sed -n "s/.*$name .*x86-64.*=> //p" | head -n 1)" "$folder/$name"
done
record_well brought "$targets/array" --seconds 1
[ "$(frames brought)" -gt 2 ] || fail "$(frames brought) frames with the copies"
