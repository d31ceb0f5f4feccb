"""Invented reports (leakwatch-report/1) for the page of leakwatch export --format html."""

import json

SECONDS = 60


def frame(function, line=None, module="/usr/bin/invented"):
    return {
        "function": function,
        "file": f"/usr/src/invented/src/file_{line % 97}.c" if line else None,
        "line": line,
        "inlined": False,
        "module": module,
        "offset": line or 4096,
        "build_id": "0123456789abcdef0123456789abcdef01234567",
    }


def history(high, windows=32):
    return [
        {"t_s": round((i + 1) * SECONDS / windows, 3), "low": high * i // windows, "high": high * (i + 1) // windows}
        for i in range(windows)
    ]


def site(number, stack, live, growing):
    rate = live / SECONDS if growing else 0.0
    return {
        "id": number,
        "kind": "heap",
        "verdict": "growing" if growing else "resident",
        "shape": "linear" if growing else None,
        "confidence": 0.9,
        "live_bytes": live,
        "live_blocks": live // 64,
        "peak_bytes": live,
        "allocations": live // 32,
        "frees": live // 64,
        "allocated_bytes": 2 * live,
        "freed_bytes": live,
        "from_bytes": 0,
        "to_bytes": live,
        "growth_bytes_per_s": rate,
        "growth_bytes_per_allocation": 32.0 if growing else 0.0,
        "first_flagged_s": 4.5 if growing else None,
        "seconds_to_limit": None,
        "suppressed": False,
        "freed_at_end": False,
        "history": history(live),
        "named": 1,
        "suppress_with": stack[1]["function"],
        "stack": stack,
        "stack_cut": False,
        "runtime": None,
    }


def of_sites(sites):
    live = sum(s["live_bytes"] for s in sites)
    growing = sum(s["verdict"] == "growing" for s in sites)
    return {
        "schema": "leakwatch-report/1",
        "headline": f"{growing} of {len(sites)} call sites grow without bound",
        "process": {
            "pid": 4711, "parent_pid": 1, "children": [], "command": ["invented", "--now"], "program": "invented",
            "executable": "/usr/bin/invented", "started": "2026-01-02T03:04:05.678Z", "duration_s": SECONDS,
            "ended": "exit", "exit_status": 0,
        },
        "recorder": {
            "version": "0.1.0", "sample_bytes": 0, "min_bytes": 65536, "depth": 128, "losses": {"depth": 12}, "notes": [],
        },
        "memory": {
            "rss_bytes": live + (64 << 20), "peak_rss_bytes": live + (80 << 20), "tracked_bytes": live,
            "heap_bytes": live, "mmap_bytes": 0, "retained_bytes": 32 << 20, "untouched_bytes": 0,
            "other_bytes": 32 << 20, "limit_bytes": None, "recorder_bytes": 8 << 20,
        },
        "totals": {
            "sites": len(sites), "growing": growing, "allocations": live // 32, "frees": live // 64,
            "allocated_bytes": 2 * live, "freed_bytes": live, "live_bytes": live, "peak_live_bytes": live,
        },
        "sites": sites,
        "runtimes": [],
        "groups": [],
    }  # fmt: skip


def report(count, random, depth=24):
    """That many sites, their stacks branching as those of a real program do, one in a hundred growing."""

    def stack():
        calls = [frame("main", 1)]
        while len(calls) < depth - 1:
            fan = 50 if len(calls) == depth - 2 else 1 + len(calls) // 3
            calls.append(frame(f"function_{len(calls)}_{random.randrange(fan)}", 10 * len(calls)))
        return [frame("malloc", module="/usr/lib/libc.so.6")] + calls[::-1]

    sizes = sorted((65536 + int(random.expovariate(1e-6)) for _ in range(count)), reverse=True)
    return of_sites([site(i + 1, stack(), size, i < count // 100) for i, size in enumerate(sizes)])


def write(path, template, report):
    """As export_html.c does."""
    frames = {}

    def number(frame):
        return frames.setdefault(json.dumps(frame), len(frames))

    sites = [site | {"stack": [number(frame) for frame in site["stack"]]} for site in report["sites"]]
    dense = report | {"schema": "leakwatch-page/1", "sites": sites, "frames": [json.loads(text) for text in frames]}
    text = json.dumps(dense, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    with open(template) as file:
        before, after = file.read().split("@REPORT@")
    with open(path, "w") as file:
        file.write(before + text + after)
