# For gdb.sh; gdb sets kind.
import time

import gdb

command = 'print "a string that is some forty bytes long"' if kind == "grows" else "output 42"  # noqa: F821
end = time.monotonic() + 8
while time.monotonic() < end:
    for _ in range(100):
        gdb.execute(command, to_string=True)
    time.sleep(0.005)
