"""Questions to a JSON report.

    report.py sound REPORT            do its equations hold?
    report.py truth REPORT TRUTH      is it what the target says of itself (tests/targets/target.h)?
    report.py grows REPORT FUNCTION   is there a growing site with FUNCTION on its stack?
    report.py calm REPORT             does no site grow?
    report.py allocations REPORT FUNCTION LOSS   prints how many had FUNCTION on their stack, plus this loss
    report.py modules REPORT PART LOSS   prints how many modules with PART in their path have frames, plus this loss
    report.py noted REPORT TEXT       is there a note that begins so?
    report.py runtime REPORT NAME VERDICT [FUNCTION]   is this the verdict on a runtime, and FUNCTION its first caller?
    report.py blocks REPORT FUNCTION SIZE   prints how many blocks of about SIZE bytes had FUNCTION on their stack
    report.py value REPORT A.B.C      prints one value

Exit status 0: yes. 1: no, and why not.
"""

import json
import re
import sys

# A site is named after the first frame that is none of these.
WRAPPERS = {
    "malloc", "calloc", "realloc", "reallocarray", "memalign", "aligned_alloc", "posix_memalign",
    "valloc", "pvalloc", "strdup", "__strdup", "strndup", "__strndup", "xmalloc", "operator new",
    "operator new[]", "mmap", "mmap64", "mprotect", "mremap",
}  # fmt: skip
LARGE = 64 << 10  # bytes: sites below it may be left undecided


class Wrong(Exception):
    pass


def expect(holds, *words):
    if not holds:
        raise Wrong(" ".join(str(word) for word in words))


def plain(function):
    """'(anonymous namespace)::f(int)' and 'f.constprop.0' are 'f'."""
    function = function.replace("(anonymous namespace)::", "")
    return re.split(r"[(.]", function)[0]


def name(site):
    names = [plain(frame["function"]) for frame in site["stack"] if frame["function"]]
    for function in names:
        if function not in WRAPPERS:
            return function
    return names[0] if names else "?"  # a stack that was cut


def describe(site):
    names = [f["function"] or f"{f['module']}+{f['offset']}" for f in site["stack"]]
    counts = f"{site['live_bytes']} bytes in {site['live_blocks']} blocks"
    return f"{site['verdict']}: {' < '.join(names[:12])} ({counts})"


def has(site, function):
    return any(frame["function"] and plain(frame["function"]) == function for frame in site["stack"])


def growing(report):
    return [site for site in report["sites"] if site["verdict"] == "growing" and not site["suppressed"]]


def sound(report):
    expect(report["schema"] == "leakwatch-report/1", "schema", report["schema"])
    totals, sites = report["totals"], report["sites"]
    for total in ("allocations", "frees", "allocated_bytes"):
        expect(sum(s[total] for s in sites if total in s) <= totals[total], "sites have more", total)
    # What a child's threads count while its ledger becomes a file may be lost, and is told as this loss.
    exact = not report["recorder"]["losses"].get("promoted")
    expect(not exact or totals["frees"] <= totals["allocations"], "totals: more frees than allocations")
    live = totals["allocated_bytes"] - totals["freed_bytes"]
    expect(totals["live_bytes"] == (live if exact else max(live, 0)), "totals: live_bytes")
    expect(totals["live_bytes"] <= totals["peak_live_bytes"], "totals: live above its peak")
    expect(totals["growing"] == len(growing(report)), "totals.growing is not the number of growing sites")
    expect(totals["sites"] >= len(sites), "totals.sites is less than the sites listed")
    for site in sites:
        what = describe(site)
        expect(not exact or site["frees"] <= site["allocations"], "more frees than allocations:", what)
        live = site["allocations"] - site["frees"]
        expect(site["live_blocks"] == (live if exact else max(live, 0)), "live blocks:", what)
        expect(0 <= site["live_bytes"] <= site["allocated_bytes"], "live bytes:", what)
        expect(0 <= site["confidence"] <= 1, "confidence:", what)
        expect(site["stack"] or site["id"] == 0, "no stack:", what)
        expect(site["shape"] is None or site["verdict"] == "growing", "a shape without growth:", what)
        times = [window["t_s"] for window in site["history"]]
        expect(times == sorted(times), "history goes back in time:", what)
        expect(all(w["low"] <= w["high"] for w in site["history"]), "history: low above high:", what)
    order = [(s["verdict"] != "growing", -s["live_bytes"] if s["verdict"] != "growing" else 0) for s in sites]
    expect(order == sorted(order), "sites are not sorted: growing first, then by live bytes")


def truth(report, path):
    facts = [line.split()[1:] for line in open(path) if line.startswith("truth: ")]
    expect(facts, "no truth in", path)
    cut = {" ".join(wrapper): function for what, function, *wrapper in facts if what == "cut"}
    named = {}
    for site in report["sites"]:
        named.setdefault(cut.get(name(site), name(site)), []).append(site)
    may_grow = {fact[1] for fact in facts if fact[0] == "growing"}
    if any(fact[0] in ("growing", "steady", "resident") for fact in facts):
        for site in growing(report):
            expect(name(site) in may_grow, "should not grow:", describe(site))
    for what, function, *number in facts:
        sites = named.get(function, [])
        if what == "cut":
            continue
        if what == "caller":
            for site in sites:
                expect(has(site, number[0]), number[0], "does not call:", describe(site))
        elif number:
            total = sum(site[what] for site in sites)
            expect(total == int(number[0]), function, what, "is", total, "and not", number[0])
        elif what in ("growing", "resident"):
            large = [site for site in sites if site["peak_bytes"] >= LARGE]
            expect(large, "no site of", function, "- there are:", sorted(named))
            for site in large:
                expect(site["verdict"] == what, "should be", what + ":", describe(site))
        else:
            expect(what == "steady", "unknown truth", what)


def grows(report, function):
    if any(has(site, function) for site in growing(report)):
        return
    raise Wrong(f"{function} is on no growing stack; growing:\n", *map(describe, growing(report)))


def calm(report):
    for site in growing(report):
        raise Wrong("grows:", describe(site))


def allocations(report, function, loss):
    recorded = sum(site["allocations"] for site in report["sites"] if has(site, function))
    print(recorded + report["recorder"]["losses"].get(loss, 0))


def modules(report, part, loss):
    known = {f["module"] for site in report["sites"] for f in site["stack"] if part in f["module"]}
    print(len(known) + report["recorder"]["losses"].get(loss, 0))


def noted(report, text):
    notes = report["recorder"]["notes"]
    expect(any(note.startswith(text) for note in notes), "no note", repr(text), "but", notes)


def runtime(report, wanted, verdict, function=None):
    found = [heap for heap in report["runtimes"] if heap["name"] == wanted]
    expect(len(found) == 1, "no runtime", wanted, "in", report["runtimes"])
    heap = found[0]
    told = f"{heap['verdict']}: {[(c['function'], c['share']) for c in heap['callers'][:5]]}"
    trough = [round(window["low"] / (1 << 20), 1) for window in heap["history"]]
    expect((heap["verdict"] == "growing") == (verdict == "growing"), told, "MiB:", trough)
    if function:
        expect(heap["callers"] and heap["callers"][0]["function"] == function, "first is not", function, told)


# glibc's own 8 bytes, and what alignment adds.
SLACK = 64


def blocks(report, function, size):
    count = 0
    for site in report["sites"]:
        if site["allocations"] and has(site, function):
            mean = site["allocated_bytes"] / site["allocations"]
            count += site["allocations"] if int(size) <= mean <= int(size) + SLACK else 0
    print(count)


def value(report, path):
    for key in path.split("."):
        report = report[int(key)] if isinstance(report, list) else report[key]
    print(report)


def main():
    question, path, *rest = sys.argv[1:]
    with open(path) as file:
        report = json.load(file)
    try:
        questions = (sound, truth, grows, calm, allocations, modules, noted, runtime, blocks, value)
        {ask.__name__: ask for ask in questions}[question](report, *rest)
    except Wrong as wrong:
        sys.exit(f"{path}: {wrong}")


if __name__ == "__main__":
    main()
