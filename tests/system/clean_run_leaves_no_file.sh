#!/bin/sh
# After a clean exit whose report was printed there is no ledger, no temporary file, nothing.
. "$(dirname "$0")/lib.sh"

# A name of its own: other tests run at the same time.
cp "$targets/ends" "$work/clean$$"
mkdir "$work/tmp"
with="TMPDIR=$work/tmp"
record run "$work/clean$$" exit
equal "exit status" 22 "$status"
left=$(find "/dev/shm/leakwatch-$(id -u)" "/tmp/leakwatch-$(id -u)" "$work/tmp" -name "*clean$$*" 2>/dev/null) || true
equal "files left" "" "$left"
