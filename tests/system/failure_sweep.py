"""The n-th system call of the library fails, for every n: the program does the same, and what is missing is told.

    failure_sweep.py FAIL_NTH LIBRARY TARGETS FOLDER STEP

STEP 1 tries every n; 15 tries 1 to 40, then every fifteenth. After each run either the report is what the program
counted itself, or it tells a loss, or stderr has a line why there is none.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import report


def judge(folder, common):
    """What is wrong with the report, or None; and what it tells as lost beyond what every run does."""
    path = folder / "report"
    if not path.exists() or not path.stat().st_size:
        return "no report", set()
    found = json.loads(path.read_text())
    report.sound(found)
    losses = set(found["recorder"]["losses"]) - common
    try:
        report.truth(found, folder / "truth")
    except report.Wrong as wrong:
        return str(wrong), losses
    return None, losses


def run(fail_nth, library, targets, folder, n, common):
    for file in folder.iterdir():
        file.unlink()
    settings = {
        "LEAKWATCH_FORMAT": "json",
        "LEAKWATCH_OUTPUT": str(folder / "report"),
        "LEAKWATCH_LEDGER": str(folder / "ledger.%p"),
        "LEAKWATCH_MIN_BYTES": "0",
    }
    program = [f"{targets}/traffic", "--threads", "2", "--seconds", "0.03", "--forks", "--truth", str(folder / "truth")]
    done = subprocess.run(
        [fail_nth, str(n), library, str(folder / "failed"), *program],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )
    failed = (folder / "failed").read_text().strip()
    what = f"call {n}, {failed}"
    if done.returncode or done.stdout != "ended well\n":
        sys.exit(f"{what}: the program ended with {done.returncode}: {done.stdout} {done.stderr}")
    wrong, told = judge(folder, common)
    spoke = "leakwatch" in done.stderr
    if done.stderr and not spoke:
        sys.exit(f"{what}: stderr: {done.stderr}")
    if wrong and not told and not spoke:
        sys.exit(f"{what}: nobody tells that {wrong}")
    return failed, "told" if told or spoke else "harmless", told


def main():
    fail_nth, library, targets, folder, step = sys.argv[1:]
    counts, n = Counter(), 1
    common = run(fail_nth, library, targets, Path(folder), 0, {"nothing"})[2]
    while True:
        failed, result, _ = run(fail_nth, library, targets, Path(folder), n, common)
        if failed == "none":
            break
        counts[f"{failed} {result}"] += 1
        n += 1 if n < 40 else int(step)
    if n < 60:
        sys.exit(f"only {n} calls: were they found at all?")
    print(f"up to the call {n}:", ", ".join(f"{value} {key}" for key, value in sorted(counts.items())))


main()
