"""Does what `go tool pprof -raw` says agree with the CSV and JSON exports of the same ledger?

    pprof_raw.py NAME      of NAME.raw, NAME.csv and NAME.json
"""

import csv
import json
import re
import sys
from datetime import datetime

COLUMNS = ["live_bytes", "live_blocks", "allocated_bytes", "allocations", "growth_bytes"]  # as the samples have them
TYPES = "inuse_space/bytes inuse_objects/count alloc_space/bytes alloc_objects/count growth_space/bytes"


def sections(text):
    """'Samples:' and the like begin a section of lines."""
    found, name = {}, "head"
    for line in text.splitlines():
        if re.fullmatch(r"(Samples|Locations|Mappings):?", line):
            name = line.rstrip(":")
        else:
            found.setdefault(name, []).append(line)
    return found


def samples(lines):
    """[(values, location ids, labels)]"""
    found = []
    for line in lines[1:]:
        if sample := re.match(r"^ *([\d ]+): ([\d ]*)$", line):
            found.append(([int(n) for n in sample[1].split()], [int(n) for n in sample[2].split()], {}))
        else:
            found[-1][2].update(re.findall(r"(\w+):\[(.*?)\]", line))
    return found


def locations(lines):
    """id -> (address, mapping or 0, [function, line])"""
    found, names = {}, None
    for line in lines:
        if head := re.match(r"^ *(\d+): (0x[0-9a-f]+) (?:M=(\d+) )?(.*)$", line):
            names, rest = [], head[4]
            found[int(head[1])] = (int(head[2], 16), int(head[3] or 0), names)
        else:
            rest = line.strip()
        if function := re.match(r"^(.*?) (\S*):(\d+) s=\d+", rest):
            names.append((function[1], int(function[3])))
    return found


def mappings(lines):
    found = {}
    for line in lines:
        if m := re.match(r"^(\d+): (0x[0-9a-f]+)/(0x[0-9a-f]+)/0x0 (.*?) ([0-9a-f]{40})? ?((?:\[\w\w\])*)$", line):
            found[int(m[1])] = (int(m[2], 16), int(m[3], 16), m[4], m[5])
    return found


def check_head(head, report):
    said = dict(line.split(": ", 1) for line in head if ": " in line)
    assert said["PeriodType"] == "space bytes" and said["Period"] == "1", said
    seconds = said["Duration"]  # in seconds without a unit, or as 61ms
    seconds = float(seconds[:-2]) / 1000 if seconds.endswith("ms") else float(seconds)
    assert abs(seconds - report["process"]["duration_s"]) < 0.1, said
    collected = datetime.strptime(said["Time"][:23], "%Y-%m-%d %H:%M:%S.%f")
    started = datetime.strptime(report["process"]["started"], "%Y-%m-%dT%H:%M:%S.%fZ")
    assert abs((collected - started).total_seconds() - seconds) < 0.1, said


def add_up(pairs):
    """key -> figures: pprof itself adds up samples of equal stacks (of a recursion, folded and not)."""
    sums = {}
    for key, figures in pairs:
        sums[key] = [a + b for a, b in zip(sums.get(key, [0] * len(figures)), figures)]
    return {key: figures for key, figures in sums.items() if any(figures)}


def by_name_of_rows(rows):
    """Stacks of CSV, without what has no name (module+0x12)."""
    for row in rows:
        names = [name for name in reversed(row["stack"].split(";")) if not re.search(r"\+0x[0-9a-f]+$", name)]
        yield tuple(names), [int(row[column]) for column in COLUMNS]


def by_line_of_sites(report):
    for site in report["sites"]:
        frames = [(f["function"], f["line"] or 0) for f in site["stack"] if f["function"]]
        cut = [("(cut)", 0)] if site["stack_cut"] else []
        labels = (site["kind"], site["verdict"], site["shape"])
        yield (tuple(frames + cut), labels), [site[column] for column in COLUMNS[:4]]


def by_line_of_samples(found, where):
    for figures, ids, labels in found:
        frames = tuple(name for id in ids for name in where[id][2])
        yield (frames, (labels["kind"], labels["verdict"], labels.get("shape"))), figures


def main(name):
    with open(name + ".raw") as file:
        raw = sections(file.read())
    with open(name + ".json") as file:
        report = json.load(file)
    with open(name + ".csv", newline="") as file:
        rows = list(csv.DictReader(file))
    check_head(raw["head"], report)
    assert raw["Samples"][0].replace("[dflt]", "") == TYPES, raw["Samples"][0]
    where, modules = locations(raw["Locations"]), mappings(raw["Mappings"])
    assert len(modules) == len(raw["Mappings"]), raw["Mappings"]

    by_line = add_up(by_line_of_samples(samples(raw["Samples"]), where))
    by_name = add_up(
        (tuple(function for function, _ in frames), figures)
        for (frames, _), figures in by_line.items()
    )
    assert by_name == add_up(by_name_of_rows(rows)), (by_name, add_up(by_name_of_rows(rows)))
    for key, figures in add_up(by_line_of_sites(report)).items():
        assert by_line[key][:4] == figures, (key, by_line[key], figures)

    for address, mapping, _ in where.values():
        assert not mapping or modules[mapping][0] <= address < modules[mapping][1], (address, mapping)
    build_ids = {f["build_id"] for s in report["sites"] for f in s["stack"] if f["build_id"]}
    assert build_ids <= {m[3] for m in modules.values()}, (build_ids, modules)


main(sys.argv[1])
