import functools
import sys
import time

bound = None if sys.argv[1] == "grows" else 20000


@functools.lru_cache(maxsize=bound)
def render(number):
    return number.to_bytes(200, "big")


end, number = time.monotonic() + 8, 0
while time.monotonic() < end:
    for _ in range(80):
        render(number)
        number += 1
    time.sleep(0.002)
