"""Times each workload natively and under each recorder, interleaved: scripts/bench.

A round runs a workload once under every recorder, in an order that changes; each time is divided by the same
round's time of what the recorder stands on (its base: the bare program, or the allocator it comes with).
Reported is the median of these paired ratios over the rounds, with its range.
"""

import argparse
import json
import os
import platform
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from recorders import clean, recorders
from workloads import workloads

MEASURE = None  # the program
MEASURES = ("wall", "cpu", "memory")


def environment(recorder, workload):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LEAKWATCH_", "LD_", "PYTHON"))}
    return {**kept, "LC_ALL": "C", **workload.env, **recorder.env}


class Run:
    """A command under measure (measure.c), which alone is preloaded and timed."""

    def __init__(self, command, env, folder):
        self.file = f"{folder}/measured"
        env = dict(env)
        if "LD_PRELOAD" in env:
            env["BENCH_PRELOAD"] = env.pop("LD_PRELOAD")
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        self.process = subprocess.Popen([MEASURE, self.file, *command], env=env, cwd=folder, **quiet)

    def end(self):
        """Waits; returns wall seconds, CPU seconds and peak KiB."""
        if self.process.wait() != 0:
            raise RuntimeError(f"exit status {self.process.returncode}")
        with open(self.file) as file:
            wall, cpu, peak = file.read().split()
        return float(wall), float(cpu), int(peak)


def run_commands(recorder, workload, folder):
    env = environment(recorder, workload)
    ended = [Run(recorder.prefix + workload.command, env, folder).end() for _ in range(workload.times)]
    return sum(e[0] for e in ended), sum(e[1] for e in ended), max(e[2] for e in ended)


def answers(port):
    ping = ["redis-cli", "-p", port, "ping"]
    return subprocess.run(ping, capture_output=True, text=True).stdout.strip() == "PONG"


def run_server(recorder, workload, folder):
    server = Run(recorder.prefix + workload.server, environment(recorder, workload), folder)
    port, deadline = workload.server[workload.server.index("--port") + 1], time.monotonic() + 30
    while not answers(port):
        if time.monotonic() > deadline or server.process.poll() is not None:
            server.process.kill()
            raise RuntimeError("the server does not answer")
        time.sleep(0.05)
    begin = time.perf_counter()
    subprocess.run(workload.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - begin
    server.process.send_signal(signal.SIGTERM)
    _, cpu, peak = server.end()
    return wall, cpu, peak


def measure(recorder, workload, folder):
    try:
        run = run_server if workload.server else run_commands
        return dict(zip(MEASURES, run(recorder, workload, folder)))
    except RuntimeError as error:
        raise RuntimeError(f"{workload.name} under {recorder.name}: {error}") from None
    finally:
        clean(folder)


def count_calls(build, workload, folder):
    """Calls of the malloc family, counted by a forwarding library in all its processes."""
    path = f"{folder}/calls"
    counting = type("Counting", (), {"name": "count", "prefix": [], "env": {}})()
    counting.env = {"LD_PRELOAD": f"{build}/bench/count.so", "BENCH_CALLS": path}
    try:
        run = run_server if workload.server else run_commands
        run(counting, workload, folder)
        with open(path) as file:
            return sum(map(int, file))
    except (OSError, RuntimeError):
        return None
    finally:
        if os.path.exists(path):
            os.unlink(path)


def ratios(rounds, recorder):
    """Per measure: median, least and most of the paired ratios; for memory the median of added KiB too."""
    result = {}
    for what in MEASURES:
        each = [r[recorder.name][what] / r[recorder.base][what] for r in rounds]
        result[what] = {"median": statistics.median(each), "least": min(each), "most": max(each)}
    result["memory"]["added_kib"] = statistics.median(
        [r[recorder.name]["memory"] - r[recorder.base]["memory"] for r in rounds]
    )
    added = [r[recorder.name]["wall"] - r[recorder.base]["wall"] for r in rounds]
    result["wall"]["added_s"] = statistics.median(added)
    return result


def bench(workload, among, rounds, build, folder):
    """One workload: a round that is thrown away (caches), then those that count."""
    used = [r for r in among if r.only in (None, workload.name)]
    failed, taken = {}, []
    for number in range(rounds + 1):
        order = random.sample(used, len(used))
        done = {}
        for recorder in order:
            warming = number == 0 and recorder.name != "native"
            if recorder.name in failed or warming or (recorder.name == "massif" and number > 1):
                continue
            try:
                done[recorder.name] = measure(recorder, workload, folder)
            except RuntimeError as error:
                failed[recorder.name] = str(error)
        if number > 0:
            taken.append(done)
    if "native" in failed:
        raise SystemExit(f"bench: {failed['native']}")
    native = statistics.median([r["native"]["wall"] for r in taken])
    calls = count_calls(build, workload, folder)
    result = {"workload": workload.name, "native_s": native, "times": workload.times, "failed": failed,
              "calls_per_s": calls / native if calls else None, "recorders": {}}  # fmt: skip
    for recorder in used:
        complete = [r for r in taken if recorder.name in r and recorder.base in r]
        if complete and recorder.name != "native":
            result["recorders"][recorder.name] = ratios(complete, recorder)
    return result


def about(build, rounds):
    def version(*command):
        try:
            return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0].strip()
        except (OSError, IndexError):
            return None

    with open("/proc/cpuinfo") as file:
        model = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": f"{os.cpu_count()} cores, {model[0] if model else platform.machine()}",
        "system": f"Linux {platform.release().split('-')[0]}, {' '.join(platform.libc_ver())}",
        "versions": [version(f"{build}/leakwatch", "--version"), version("heaptrack", "--version"),
                     version("gcc", "--version")],
        "rounds": rounds,
    }  # fmt: skip


def cell(found, what):
    """1.34 (1.31-1.40)"""
    if not found:
        return "-"
    m = found[what]
    if m["median"] >= 10:
        return f"{m['median']:.0f} ({m['least']:.0f}-{m['most']:.0f})"
    return f"{m['median']:.2f} ({m['least']:.2f}-{m['most']:.2f})"


def table(results, names, what):
    lines = ["| workload | native | calls/s | " + " | ".join(names) + " |", "|---" * (len(names) + 3) + "|"]
    for r in results:
        native = r["native_s"] / r["times"]
        shown = f"{native * 1000:.1f} ms" if native < 0.1 else f"{native:.2f} s"
        calls = f"{r['calls_per_s'] / 1e6:.1f} M" if r["calls_per_s"] else "-"
        cells = [cell(r["recorders"].get(n), what) for n in names]
        lines.append(f"| {r['workload']} | {shown} | {calls} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def show(answer, names):
    facts = answer["about"]
    print(f"{facts['date']}; {facts['machine']}; {facts['system']}; {', '.join(filter(None, facts['versions']))}.")
    print(f"Medians of {facts['rounds']} paired, interleaved rounds (least-most).")
    for what, title in (("wall", "Wall time"), ("cpu", "CPU time"), ("memory", "Peak memory")):
        print(f"\n{title}, as a multiple of the base's\n")
        print(table(answer["results"], names, what))
    for r in answer["results"]:
        for why in r["failed"].values():
            print(f"failed: {why}")


def options():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round of little work, the nearest peers: 3 minutes")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count (5)")
    parser.add_argument("--scale", type=float, default=1.0, help="size of each workload, as a share (1)")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="workloads whose name has TEXT")
    parser.add_argument("--under", action="append", default=[], metavar="NAME", help="these recorders only")
    parser.add_argument("--json", metavar="FILE", help="the figures as JSON, too")
    parser.add_argument("--build", default="build", help="the build folder (build)")
    return parser.parse_args()


QUICK = {"native", "leakwatch", "leakwatch 512k", "heaptrack"}


def main():
    wish = options()
    global MEASURE
    build = os.path.abspath(wish.build)
    MEASURE = f"{build}/bench/measure"
    if wish.quick:
        wish.rounds, wish.scale = 1, 0.12
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="leakwatch-bench.") as folder:
        among = [r for r in recorders(build, folder) if not r.missing]
        if wish.quick:
            among = [r for r in among if r.name in QUICK]
        if wish.under:
            wanted = {"native", *wish.under} | {r.base for r in among if r.name in wish.under}
            among = [r for r in among if r.name in wanted]
        names = [r.name for r in among if r.name not in ("native",)]
        results = []
        for workload in workloads(build, folder, wish.scale):
            if wish.only and not any(text in workload.name for text in wish.only):
                continue
            if workload.missing:
                print(f"not run: {workload.name}: no {', '.join(workload.missing)}", file=sys.stderr)
                continue
            print(f"{time.strftime('%T')} {workload.name}", file=sys.stderr)
            results.append(bench(workload, among, wish.rounds, build, folder))
    answer = {"about": about(build, wish.rounds), "results": results}
    show(answer, names)
    if wish.json:
        with open(wish.json, "w") as file:
            json.dump(answer, file, indent=1)


main()
