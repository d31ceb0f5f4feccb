"""One line of the table of real programs: line.py REPORT NAME TRUTH WHY. Exit status 1: the verdict is wrong."""

import json
import os
import sys


def place(site):
    frame = site["stack"][site["named"] or 0] if site["stack"] else {}
    name = frame.get("function") or os.path.basename(frame.get("module", "")) or "?"
    return f"{name} ({site['to_bytes'] / (1 << 20):.1f} MiB, {site['verdict']})"


def main():
    path, name, truth, why = sys.argv[1:]
    try:
        with open(path) as file:
            report = json.load(file)
    except (OSError, ValueError) as error:
        print(f"| {name} | {truth} | {why} | no report: {error} | | **no** |")
        return 1
    sites = [site for site in report["sites"] if site["verdict"] == "growing" and not site["suppressed"]]
    heaps = [heap["name"] + " heap" for heap in report["runtimes"] if heap["verdict"] == "growing" and not heap["suppressed"]]
    groups = [f"{group['function'] or group['module']} ({group['stacks']} stacks)" for group in report.get("groups", [])]
    grows = bool(sites or heaps or groups)
    where = heaps + groups + [place(site) for site in (sites or report["sites"])[:1]]
    right = grows == (truth == "grows")
    said = "grows" if grows else "flat"
    print(f"| {name} | {truth} | {why} | {said}, {len(sites)} sites in {report['process']['duration_s']:.0f} s "
          f"| {', '.join(where)} | {'yes' if right else '**no**'} |", flush=True)  # fmt: skip
    return not right


sys.exit(main())
