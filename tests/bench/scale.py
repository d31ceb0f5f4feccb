"""What an operation costs when there is much of something: see scripts/bench --scale.

Each line is a workload of scale.c at several sizes, natively and recorded, in turn; the least of the rounds counts,
for what disturbs a run only makes it longer. Added is what recording adds.
"""

import os
import shutil
import subprocess
import sys
import tempfile

ROUNDS = 3
DAY = 24 * 3600
SECONDS = 9  # of the program's time, for a simulated day

# What there is much of, what an operation is, the sizes.
SERIES = [
    ("sites", "distinct stacks", "pair at a stack that is known", (1000, 10000, 100000, 1000000)),
    ("new", "distinct stacks", "pair at a stack that is new", (1000, 10000, 100000, 1000000)),
    ("blocks", "live blocks", "pair", (10000, 1000000, 10000000, 50000000)),
    ("modules", "modules", "pair, each module in turn", (1, 20, 100, 500)),
    ("threads", "threads alive", "pair", (1, 10, 100, 1000)),
    ("gone", "threads gone", "thread that makes two pairs", (1000, 10000, 100000)),
    ("time", "hours run", "pair, in the last ninth of the time", (1, 24)),
]


def run(build, folder, what, n, preload):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LEAKWATCH_")}
    environment["LEAKWATCH_OUTPUT"] = "/dev/null"
    number = n
    if what == "time":
        number = SECONDS
        environment["FAST_CLOCK"] = str(n * 3600 // SECONDS)
        preload = [f"{build}/bench/fast_clock.so", *preload]
    environment["LD_PRELOAD"] = ":".join(preload)
    command = [f"{build}/bench/scale", what, str(number), f"{folder}/module"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    ns, kib = done.stdout.split()
    return float(ns), int(kib)


def least(runs):
    return min(ns for ns, _ in runs), min(kib for _, kib in runs)


def measure(build, folder, what, n):
    native, recorded = [], []
    for _ in range(ROUNDS):
        native.append(run(build, folder, what, n, []))
        recorded.append(run(build, folder, what, n, [f"{build}/libleakwatch.so"]))
    return least(native), least(recorded)


def main():
    build, only = os.path.abspath(sys.argv[1]), sys.argv[2:]
    print("| there are | an operation is | native ns | added ns | native MiB | added MiB | bytes added for each |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="leakwatch-scale.") as folder:
        for i in range(500):
            shutil.copy(f"{build}/bench/scale_module.so", f"{folder}/module.{i}")
        for what, many, operation, sizes in SERIES:
            if only and what not in only:
                continue
            least_kib = None
            for n in sizes:
                (ns, kib), (recorded_ns, recorded_kib) = measure(build, folder, what, n)
                more = recorded_kib - kib
                least_kib = more if least_kib is None else least_kib
                each = f"{(more - least_kib) * 1024 / (n - sizes[0]):,.1f}" if n > sizes[0] else ""
                print(
                    f"| {n:,} {many} | {operation} | {ns:,.1f} | {recorded_ns - ns:,.1f} "
                    f"| {kib / 1024:,.1f} | {more / 1024:,.1f} | {each} |",
                    flush=True,
                )


main()
