#!/bin/sh
# A sampled program whose blocks come and go all over a heap of 300 MiB takes a few MiB more, however long: what was
# recorded anywhere, and is gone, leaves nothing behind.
. "$(dirname "$0")/lib.sh"
need /usr/bin/python3

cat >"$work/turn_over.py" <<'END'
import random
random.seed(1)
blocks = [bytes(5000) for _ in range(60000)]
for _ in range(600000):
    blocks[random.randrange(60000)] = bytes(5000)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
END
PYTHONMALLOC=malloc /usr/bin/python3 "$work/turn_over.py" >"$work/native"
preload PYTHONMALLOC=malloc LEAKWATCH_SAMPLE=64k LEAKWATCH_OUTPUT="$work/report" /usr/bin/python3 "$work/turn_over.py" >"$work/sampled"
added=$(($(cat "$work/sampled") - $(cat "$work/native")))
echo "$added KiB more than $(cat "$work/native")"
[ "$(cat "$work/native")" -gt 290000 ] || fail "the heap is smaller than it should be"
[ "$added" -lt 10240 ] || fail "$added KiB more"
