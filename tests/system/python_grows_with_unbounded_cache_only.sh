#!/bin/sh
# functools.lru_cache over ever new keys: without a bound it grows, with maxsize=20000 it is soon full.
. "$(dirname "$0")/lib.sh"

need /usr/bin/python3
cat >"$work/cache.py" <<'END'
import functools, sys, time
bound = int(sys.argv[1]) or None

@functools.lru_cache(maxsize=bound)
def render(number):
    return number.to_bytes(200, "big")

end, number = time.monotonic() + 6, 0
while time.monotonic() < end:
    for _ in range(80):
        render(number)
        number += 1
    time.sleep(0.001)
print(number > 2 * 20000)
END
with=PYTHONMALLOC=malloc # or python's own allocator asks for arenas, and those are all one would see
record_well unbounded /usr/bin/python3 "$work/cache.py" 0 &
unbounded=$!
record_well bounded /usr/bin/python3 "$work/cache.py" 20000
wait $unbounded
equal "keys enough" True "$(cat "$work/bounded.out")"
# Debian's python has no symbols for lru_cache itself: it is the nameless frame that calls render.
report grows "$work/unbounded.json" PyBytes_FromStringAndSize
report grows "$work/unbounded.json" _PyFunction_Vectorcall
report calm "$work/bounded.json"
