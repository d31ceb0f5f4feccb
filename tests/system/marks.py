"""What a report says of what the program told by leakwatch.h.

    marks.py REPORT EXPRESSION...   every expression holds; exit status 1 names those that do not

In an expression: report, phases and threads by name ("" = none), growing (sites), grown(phase): bytes of all growing
sites in it, excluded and live (of what was excluded, bytes), change(phase): of live bytes.
"""

import json
import sys


def questions(report):
    phases = {phase["name"] or "": phase for phase in report["phases"]}
    growing = [site for site in report["sites"] if site["verdict"] == "growing"]

    def grown(name):
        return sum(
            part["bytes"] for site in growing for part in site["growth_by_phase"] if (part["phase"] or "") == name
        )

    return {
        "report": report,
        "phases": phases,
        "threads": {thread["name"]: thread for thread in report["threads"]},
        "growing": growing,
        "grown": grown,
        "change": lambda name: phases[name]["live_bytes_change"],
        "excluded": report["totals"]["excluded_allocations"],
        "live": report["totals"]["excluded_live_bytes"],
        "losses": report["recorder"]["losses"],
    }


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        known = questions(json.load(file))
    wrong = [text for text in sys.argv[2:] if not eval(text, known)]
    for text in wrong:
        print(f"not so: {text}\nphases {known['phases']}\nthreads {known['threads']}\nexcluded {known['excluded']} {known['live']}")
    return 1 if wrong else 0


sys.exit(main())
