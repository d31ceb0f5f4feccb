#!/bin/sh
# JSON reports are what src/tool/leakwatch-report-1.schema.json says, as python3-jsonschema understands it; and the
# schema says enough to refuse what is not one.
. "$(dirname "$0")/lib.sh"
need python3
/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "no python3-jsonschema on this machine"
schema=$here/../../src/tool/leakwatch-report-1.schema.json

for target in array memo mappings listeners; do
    record_well $target "$targets/$target" --seconds 3
done
record_well groups "$targets/split_growth" --seconds 6
record_well inlined "$targets/new/release" --seconds 1
record_well told "$targets/marks" phases
record short "$targets/hello" # which ends with 3
# shellcheck disable=SC2016 # it is the inner shell's
record_well children sh -c '"$1" --seconds 2; true' sh "$targets/array"
rm -f "/dev/shm/leakwatch-$(id -u)/array.$(report value "$work/children.json" process.children.0.pid)".*.lw
with="LEAKWATCH_SAMPLE=4k LEAKWATCH_DEPTH=2" # small enough that something is sampled in every run
record_well sampled "$targets/array" --seconds 1
with=
need strip
strip -o "$work/stripped" "$targets/array"
record_well stripped "$work/stripped" --seconds 1
printf 'leak:append\n' >"$work/suppressions"
with="LEAKWATCH_SUPPRESSIONS=$work/suppressions"
record_well suppressed "$targets/array" --seconds 3
with=

need node
record_well runtime env TURNS=300 node --perf-basic-prof --interpreted-frames-native-stack "$here/../node/array.js"
rm -f "/tmp/perf-$(report value "$work/runtime.json" process.pid).map"

LD_PRELOAD="$library" LEAKWATCH_LEDGER="$work/running.lw" "$targets/array" --seconds 60 >"$work/truth" &
running=$!
sleep 2
"$tool" report --format json -o "$work/running.json" "$work/running.lw"
"$tool" run --format json --output "$work/killed.json" -- sh -c 'kill -KILL $$' || [ $? = 137 ] || fail "run of a killed program"

/usr/bin/python3 - "$schema" "$work"/*.json <<'EOF' || fail "see above"
import copy, json, sys
from jsonschema import Draft202012Validator

with open(sys.argv[1]) as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
reports = {}
for name in sys.argv[2:]:
    with open(name) as file:
        reports[name.split("/")[-1]] = json.load(file)
assert len(reports) == 15, list(reports)
for name, report in reports.items():
    for error in validator.iter_errors(report):
        sys.exit(f"{name}: {error.json_path}: {error.message}")

# That the cases are there at all.
sites = [site for report in reports.values() for site in report["sites"]]
frames = [frame for site in sites for frame in site["stack"]]
assert {"killed", "running", "exit"} <= {r["process"]["ended"] for r in reports.values()}
assert any(r["process"]["children"] for r in reports.values())
assert any(runtime["callers"] for report in reports.values() for runtime in report["runtimes"])
assert any(site["suppressed"] for site in sites) and any(site["stack_cut"] for site in sites)
assert {site["kind"] for site in sites} == {"heap", "mmap"}
assert any(frame["function"] is None for frame in frames) and any(frame["inlined"] for frame in frames)


# Every field that the schema knows is in some report or other: nothing in it is out of date.
def places(part, at):
    if "$ref" in part:
        part = {**schema["$defs"][part["$ref"].removeprefix("#/$defs/")], **part}
    for name, field in part.get("properties", {}).items():
        yield at + (name,), True
        yield from places(field, at + (name,))
    if "items" in part:
        yield from places(part["items"], at + ("[]",))


def present(value, at):
    if isinstance(value, dict):
        for name, field in value.items():
            yield at + (name,)
            yield from present(field, at + (name,))
    if isinstance(value, list):
        for item in value:
            yield from present(item, at + ("[]",))


known = {at for at, _ in places(schema, ())}
found = {at for report in reports.values() for at in present(report, ())}
assert known <= found, known - found
unknown = {at for at in found - known if at[:2] != ("recorder", "losses")}
assert not unknown, f"not in the schema: {unknown}"


# A report with this one change is none.
def refused(what, change):
    report = copy.deepcopy(reports["array.json"])
    change(report)
    assert not validator.is_valid(report), f"accepted: {what}"


refused("another schema", lambda r: r.update(schema="leakwatch-report/2"))
refused("a count below 0", lambda r: r["totals"].update(sites=-1))
refused("an unknown verdict", lambda r: r["sites"][0].update(verdict="leaking"))
refused("text for bytes", lambda r: r["sites"][0].update(live_bytes="1"))
refused("half a frame", lambda r: r["sites"][0]["stack"][0].pop("module"))
refused("no sites", lambda r: r.pop("sites"))
later = copy.deepcopy(reports["array.json"])
later["sites"][0]["new_field"] = {}
assert validator.is_valid(later), "a field that was added later must not matter"
EOF
