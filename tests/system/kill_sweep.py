"""SIGKILL at random instants: what the ledger says is what the program knew, but for what was in flight.

    kill_sweep.py LIBRARY TOOL TARGETS FOLDER TIMES SEED

The program keeps diaries (tests/targets/diary.h): at any instant they are the truth, give or take the one
operation that each thread is in. A counter whose sequence is odd was on its way to its site's account: that
delta is told as in flight, and may be missing. Nothing else may differ.
"""

import json
import os
import random
import signal
import struct
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import report

NAMES, DIARIES = 24, 160
FIELDS = ("allocations", "frees", "allocated_bytes", "freed_bytes")
CUT = {"__strdup": "by_strdup", "operator new": "by_new"}  # only these call them: a cut stack ends there
# What runs, and when it is killed (seconds; by the square, so early more often).
SITUATIONS = {
    "start": (["traffic", "--threads", "2"], 0, 0.03),
    "traffic": (["traffic", "--threads", "4"], 0, 0.7),
    "evictions": (["traffic", "--threads", "4", "--paths"], 0.02, 0.7),
    "short threads": (["traffic", "--threads", "8", "--short"], 0, 0.7),
    "forks": (["traffic", "--threads", "2", "--forks"], 0, 0.7),
    "end and report": (["traffic", "--threads", "2", "--seconds", "0.1"], 0.1, 0.25),
    "plugins": (["loader", "--seconds", "20"], 0.02, 0.5),
}


class Wrong(Exception):
    pass


def truth_of(path):
    """Two Counters by (function, field): the sum of all diaries, and what may be more or less."""
    data = path.read_bytes()
    names = [data[i * 32 : i * 32 + 32].split(b"\0")[0].decode() for i in range(NAMES)]
    truth, slack, steps = Counter(), Counter(), 0
    width = 5 + 4 * NAMES
    for i in range(DIARIES):
        step, loses, gains, lost, gained, *tallies = struct.unpack_from(f"<{width}Q", data, NAMES * 32 + i * width * 8)
        steps += step // 2
        for n, value in enumerate(tallies):
            truth[names[n // 4], FIELDS[n % 4]] += value
        if step % 2:
            slack += Counter({(names[gains], "allocations"): 1, (names[gains], "allocated_bytes"): gained})
            slack += Counter({(names[loses], "frees"): 1, (names[loses], "freed_bytes"): lost})
    return names[1:], truth, slack, steps


def odd_counters(path):
    """(site, delta by field) of each counter that was being published (src/ledger/layout.h)."""
    with open(path, "rb") as file:
        offset, capacity, item, _, used = struct.unpack_from("<QQIIQ", file.read(4096), 24 + 32 * 6)
        file.seek(offset)
        blocks = file.read(min(used, capacity) * item)
    for sequence, site, frees, freed, allocs, allocated, _, _ in struct.iter_unpack("<8I", blocks):
        if sequence % 2 and site:
            yield site, dict(zip(FIELDS, (allocs, frees, allocated, freed)))


def compare(found, ledger, diary):
    names, truth, slack, _ = truth_of(diary)
    function = {site["id"]: CUT.get(report.name(site), report.name(site)) for site in found["sites"]}
    seen, missing, odd = Counter(), Counter(), 0
    for site in found["sites"]:
        for field in FIELDS:
            seen[function[site["id"]], field] += site[field]
    for site, delta in odd_counters(ledger):
        odd += 1
        for field, value in delta.items():
            missing[function.get(site), field] += value
    told = found["recorder"]["losses"].get("in_flight", 0)
    if told != odd:
        raise Wrong(f"{odd} counters in flight, {told} told")
    for name in names:
        if not name or name == "by_mapping":  # other threads' mappings may still be queued
            continue
        for field in FIELDS:
            key = name, field
            if not truth[key] - slack[key] - missing[key] <= seen[key] <= truth[key] + slack[key]:
                raise Wrong(f"{key}: {seen[key]}, truth {truth[key]} +- {slack[key]}, in flight {missing[key]}")
    return odd


def read(tool, ledger):
    run = subprocess.run([tool, "report", "--format", "json", ledger], capture_output=True, text=True)
    if run.returncode:
        return None, run.stderr.strip()
    found = json.loads(run.stdout)
    report.sound(found)
    return found, ""


def check(tool, folder, counts):
    """Every ledger in the folder, with its diary where it has one."""
    for ledger in sorted(folder.glob("ledger.*")):
        pid = ledger.suffix
        diary = folder / ("diary" if (folder / "root").read_text() == pid else "diary" + pid)
        has_diary = diary.exists() and diary.stat().st_size > 0
        found, why = read(tool, ledger)
        if found and has_diary:
            counts["counters in flight"] += compare(found, ledger, diary)
            counts["compared"] += 1
        elif not found and diary.name == "diary" and has_diary and truth_of(diary)[3]:
            raise Wrong(f"the program was at work, and its ledger cannot be read: {why}")
        elif not found and "no ledger" not in why and "not a" not in why and "incomplete" not in why:
            raise Wrong(why)
        if not found: counts[why.split(' ', 2)[-1]] += 1
        counts["read" if found else "not begun"] += 1
    if not (folder / ("ledger" + (folder / "root").read_text())).exists():
        counts["no ledger yet"] += 1
        if (folder / "diary").exists() and truth_of(folder / "diary")[3]:
            raise Wrong("the program was at work without a ledger")


def kill_once(library, targets, folder, situation, delay, tree):
    command = SITUATIONS[situation][0]
    arguments = [f"{targets}/{command[0]}", *command[1:]]
    if command[0] == "traffic":
        arguments += ["--diary", str(folder / "diary")] + ([] if "--seconds" in command else ["--seconds", "60"])
    settings = {
        "LD_PRELOAD": library,
        "LEAKWATCH_LEDGER": f"{folder}/ledger.%p",
        "LEAKWATCH_MIN_BYTES": "0",
        "LEAKWATCH_OUTPUT": str(folder / "report.%p") if situation == "end and report" else "none",
    }
    program = subprocess.Popen(
        arguments, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    (folder / "root").write_text(f".{program.pid}")
    time.sleep(delay)
    if not tree:
        program.kill()
        program.wait()
    try:  # what is left of it
        os.killpg(program.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    program.wait()


def main():
    library, tool, targets, folder, times, seed = sys.argv[1:]
    rng, counts = random.Random(int(seed)), Counter()
    for n in range(int(times)):
        situation = list(SITUATIONS)[n % len(SITUATIONS)]
        _, first, last = SITUATIONS[situation]
        delay, tree = first + (last - first) * rng.random() ** 2, rng.random() < 0.5
        here = Path(folder) / str(n)
        here.mkdir()
        try:
            kill_once(library, targets, here, situation, delay, tree)
            check(tool, here, counts)
        except (Wrong, report.Wrong) as wrong:
            sys.exit(f"seed {seed}, {n}, {situation}, after {delay:.4f} s: {wrong}")
        for file in here.iterdir():
            file.unlink()
        here.rmdir()
    print(f"killed {times} times:", ", ".join(f"{value} {key}" for key, value in counts.items()))


main()
