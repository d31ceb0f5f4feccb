"""Calls a C extension that leaks."""

import os
import time

import leak_extension


def ask_extension():
    for _ in range(20):
        leak_extension.keep(1000)


for turn in range(int(os.environ.get("TURNS", "1000"))):
    ask_extension()
    time.sleep(0.005)
