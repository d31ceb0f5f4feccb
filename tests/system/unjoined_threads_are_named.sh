#!/bin/sh
# Stacks of threads that nobody joined are mapped by the C library itself, at no site: a note names them. Those that a pool
# or joined threads leave for the next ones are none of that; and shared memory, which no site has either, is told.
. "$(dirname "$0")/lib.sh"

record_well left "$targets/unjoined" 60 left
report noted "$work/left.json" "60 thread stacks are mapped, but 1 threads run"
record_well joined "$targets/unjoined" 60 joined
! grep -q "thread stacks" "$work/joined.json" || fail "joined threads: $(grep 'thread stacks' "$work/joined.json")"

need /usr/bin/python3
record_well shared /usr/bin/python3 -c 'if True:
    import mmap, os
    kept = mmap.mmap(-1, 32 << 20)
    kept.write(b"x" * (32 << 20))
    os._exit(0)'
[ "$(report value "$work/shared.json" memory.shared_bytes)" -ge $((32 << 20)) ] || fail "32 MiB of shared memory are not told"
