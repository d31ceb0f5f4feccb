#!/bin/sh
# Go: a static program is refused with the reason; of one with C in it the blocks of C are counted, and Go's heap is
# one finding.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib_node.sh"

need go cc
export GOCACHE="$work/cache" GO111MODULE=off GOFLAGS=-trimpath
CGO_ENABLED=0 go build -o "$work/plain" "$programs/go/plain.go"
CGO_ENABLED=1 go build -o "$work/cgo" "$programs/go/cgo.go"

status=0
"$tool" run -- "$work/plain" >"$work/plain.out" 2>"$work/plain.err" || status=$?
equal "status of a static program" 1 "$status"
equal "lines" 1 "$(wc -l <"$work/plain.err")"
contains "$work/plain.err" "statically linked, as Go programs without C are"

# Go ends without the C library's exit: only `run` is there to report.
"$tool" run --format json --output "$work/cgo.json" -- "$work/cgo" >"$work/cgo.out" 2>"$work/cgo.err"
check_report "$work/cgo.json"
report grows "$work/cgo.json" keep_in_c
equal "blocks of C" 1200 "$(report blocks "$work/cgo.json" keep_in_c 16384)"
report runtime "$work/cgo.json" go growing
# Go's functions have their own lines, not that of the last of the few C files.
contains "$work/cgo.json" "runtime/mem_linux.go"
