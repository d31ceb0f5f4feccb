"""The five kinds of tests/node in Python.

leaks.py array|memo|state|garbage|leaky|listeners|lru    for TURNS (1,400: about 8 s) of the environment
"""

import os
import random
import sys
import time

TURNS = int(os.environ.get("TURNS", "1400"))
kept = []


def leak(turn):
    for _ in range(200):
        kept.append("leak" + str(random.random()))


def memoize(compute):
    memo = {}

    def remember(*arguments):
        if arguments not in memo:
            memo[arguments] = compute(*arguments)
        return memo[arguments]

    return remember


distance = memoize(lambda x, y: x * x + y * y)


def remember_all(turn):
    for number in range(200):
        distance(turn, number)


circle = []


def look_around(turn):
    if not circle:
        circle.extend({"x": n, "label": f"point {n}"} for n in range(50000))
    circle[turn * 97 % len(circle)]["label"].upper()


def register(number, leaky):
    user = {"name": f"name{number}", "pass": f"pass{number * 7}", "email": f"mail{number}@example.org"}
    if leaky and number % 50 == 0:
        kept.append(user)


def make_garbage(turn, leaky=False):
    for number in range(2000):
        register(turn * 2000 + number, leaky)


class Bus:
    def __init__(self):
        self.listeners = []

    def on(self, listener):
        self.listeners.append(listener)


bus = Bus()


def subscribe(request):
    payload = [request] * 100
    bus.on(lambda: len(payload))


def subscribe_all(turn):
    for number in range(40):
        subscribe(turn * 40 + number)


cache = {}


def put(turn):
    for number in range(200):
        cache[turn, number] = f"value {turn} {number}"
        if len(cache) > 5000:
            del cache[next(iter(cache))]


WORK = {
    "array": leak,
    "memo": remember_all,
    "state": look_around,
    "garbage": make_garbage,
    "leaky": lambda turn: make_garbage(turn, leaky=True),
    "listeners": subscribe_all,
    "lru": put,
}


def main():
    work = WORK[sys.argv[1]]
    for turn in range(TURNS):
        work(turn)
        time.sleep(0.005)
    print(f"done after {TURNS} turns")


main()
