"""Calls a C extension that leaks."""

import os
import time

import leak_extension

end = time.monotonic() + float(os.environ.get("SECONDS", "12"))


def ask_extension():
    for _ in range(20):
        leak_extension.keep(1000)


while time.monotonic() < end:
    ask_extension()
    time.sleep(0.005)
