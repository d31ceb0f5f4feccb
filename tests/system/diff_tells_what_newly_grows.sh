#!/bin/sh
# leakwatch diff: two releases of one program, as ledgers and as JSON reports, whatever moved between the builds.
. "$(dirname "$0")/lib.sh"
need python3 strip

# keep NAME PROGRAM ARGS...: NAME.lw and NAME.json of a run.
keep() {
    name=$1
    shift
    preload LEAKWATCH_LEDGER="$work/$name.lw" LEAKWATCH_OUTPUT=none "$@" >"$work/truth" || fail "$* under the library"
    "$tool" report --format json -o "$work/$name.json" "$work/$name.lw" || fail "report of $name"
}

# differ STATUS OLD NEW OPTION...: the text in $work/out.
differ() {
    expected=$1 old=$2 new=$3 status=0
    shift 3
    "$tool" diff "$@" "$work/$old" "$work/$new" >"$work/out" 2>"$work/err" || status=$?
    equal "status of diff $* $old $new: $(cat "$work/err")" "$expected" "$status"
}

# changes "FUNCTION=CHANGE ..." OLD NEW: exactly these, in this order.
changes() {
    differ 0 "$2" "$3" --format json
    equal "changes from $2 to $3" "$1" "$(/usr/bin/python3 -c '
import json, sys
diff = json.load(sys.stdin)
assert diff["schema"] == "leakwatch-diff/1"
sites = diff["sites"]
for site in sites:
    assert (site["old"] is None) + (site["new"] is None) < 2
    site["name"] = site["stack"][site["named"]]["function"] or "?"
counts = {}
for site in sites:
    counts[site["change"]] = counts.get(site["change"], 0) + 1
assert counts == {name: n for name, n in diff["counts"].items() if n and name != "same"}, diff["counts"]
print(" ".join(site["name"] + "=" + site["change"] for site in sites))' <"$work/out")"
}

keep old "$targets/old/release" --seconds 4 &
first=$!
keep new "$targets/new/release" --seconds 4
wait $first || fail "old"
keep again "$targets/old/release" --seconds 4

release="add_metric=newly_growing remember_query=grows_faster log_line=still_growing"
release="$release open_session=no_longer_growing load_shaders=new load_fonts=grown load_icons=shrunk load_sounds=gone"
changes "$release" old.json new.json
changes "$release" old.lw new.lw
changes "$release" old.lw new.json
changes "open_session=still_growing log_line=still_growing remember_query=still_growing" old.lw again.lw

differ 7 old.json new.lw --exit-code 7
contains "$work/out" "leakwatch: 1 site newly grows"
contains "$work/out" "was not there before"
contains "$work/out" "NO LONGER GROWING"
contains "$work/out" "is not there any more"
grep -q "^Note" "$work/out" && fail "a note where there is nothing to note: $(grep ^Note "$work/out")"
differ 0 old.json again.json --exit-code 7
contains "$work/out" "leakwatch: nothing newly grows; 3 still growing, 4 same"
differ 0 new.json old.json --top 0
grep -q "log_line" "$work/out" && fail "--top 0 shows sites"
"$tool" diff /dev/stdin "$work/new.json" <"$work/old.json" >"$work/out" || fail "a report from a pipe"
contains "$work/out" "1 site newly grows"

# What is known by now passes: suppressed growth is none.
printf 'leak:add_metric\n' >"$work/suppressions"
differ 0 old.lw new.lw --exit-code 7 --suppressions "$work/suppressions"
contains "$work/out" "nothing newly grows"

# Other programs, other lengths.
keep other "$targets/array" --seconds 1
differ 0 old.json other.lw
contains "$work/out" "these are different programs: OLD is of release, NEW of array"
contains "$work/out" "NEW 1.0 s: growth is compared by its rate; what grows slowly may not show yet in NEW"

# Without symbols: one build compares with itself, two do not, and that is said.
for release in old new; do
    mkdir -p "$work/bare/$release"
    strip -o "$work/bare/$release/release" "$targets/$release/release"
    keep bare_$release "$work/bare/$release/release" --seconds 3
done
keep bare_again "$work/bare/old/release" --seconds 3
differ 0 bare_old.lw bare_again.json --exit-code 7
contains "$work/out" "nothing newly grows; 3 still growing"
differ 7 bare_old.lw bare_new.lw --exit-code 7
contains "$work/out" "release was built anew, and code in it has no names"

# Hostile names stay text, in both forms.
/usr/bin/python3 - "$work" <<'EOF'
import json, sys

work = sys.argv[1]
with open(work + "/new.json") as file:
    report = json.load(file)
for site in report["sites"]:
    for frame in site["stack"]:
        frame["function"] = "\x1b[31m" + str(frame["function"]) + "\n\u202e"
report["process"]["program"] = "a\nb" * 200
with open(work + "/hostile.json", "w") as file:
    json.dump(report, file)
EOF
differ 0 old.json hostile.json
LC_ALL=C grep -q "$(printf '\033')" "$work/out" && fail "an escape sequence got through"
contains "$work/out" '\x1b[31m'
differ 0 old.json hostile.json --format json
/usr/bin/python3 -m json.tool "$work/out" >"$work/truth" || fail "not JSON"

# mistake STATUS TEXT ARGS...
mistake() {
    expected=$1 text=$2 status=0
    shift 2
    "$tool" diff "$@" >"$work/out" 2>"$work/err" || status=$?
    equal "status of diff $*" "$expected" "$status"
    equal "lines of complaint about $*" 1 "$(wc -l <"$work/err")"
    contains "$work/err" "$text"
}
mistake 2 "which two?" "$work/old.json"
mistake 2 "which two?" "$work/old.json" "$work/new.json" "$work/other.json"
mistake 2 "expected text or json" --format xml "$work/old.json" "$work/new.json"
mistake 1 "No such file" "$work/old.json" "$work/none.json"
echo 'leakwatch: 2 of 3 call sites' >"$work/text"
mistake 1 "neither a ledger nor a JSON report of leakwatch (line 1" "$work/text" "$work/old.json"
echo '{"schema": "leakwatch-report/2"}' >"$work/text"
mistake 1 "no report of leakwatch (its \"schema\" is leakwatch-report/2" "$work/old.json" "$work/text"
echo '{"schema": "leakwatch-report/1"}' >"$work/text"
mistake 1 "not a whole report" "$work/old.json" "$work/text"
mistake 1 "Is a directory" "$work/old.json" "$work"
"$tool" diff "$work/old.json" "$work/new.json" >/dev/full 2>"$work/err" && fail "a full disk was not noticed"
contains "$work/err" "No space left"

# JSON is what its schema says, and the schema refuses what it is not.
/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "no python3-jsonschema on this machine; all but the schema is well"
"$tool" diff --format json "$work/old.json" "$work/new.json" >"$work/diff.json"
"$tool" diff --format json "$work/old.json" "$work/other.lw" >"$work/other_diff.json"
"$tool" diff --format json "$work/bare_old.lw" "$work/bare_new.lw" >"$work/bare_diff.json"
"$tool" diff --format json "$work/old.json" "$work/hostile.json" >"$work/hostile_diff.json"
/usr/bin/python3 - "$here/../../src/tool/leakwatch-diff-1.schema.json" "$work"/*diff.json <<'EOF' || fail "see above"
import copy, json, sys
from jsonschema import Draft202012Validator

with open(sys.argv[1]) as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
diffs = []
for name in sys.argv[2:]:
    with open(name) as file:
        diffs.append(json.load(file))
    for error in validator.iter_errors(diffs[-1]):
        sys.exit(f"{name}: {error.json_path}: {error.message}")
assert len(diffs) == 4 and any(diff["notes"] for diff in diffs)


# What is written and the schema does not know.
def unknown(part, value, at):
    if "$ref" in part:
        part = schema["$defs"][part["$ref"].removeprefix("#/$defs/")]
    if isinstance(value, dict):
        for name, field in value.items():
            if name in part.get("properties", {}):
                yield from unknown(part["properties"][name], field, at + "." + name)
            elif "additionalProperties" not in part:
                yield at + "." + name
    if isinstance(value, list):
        for item in value:
            yield from unknown(part["items"], item, at)


strange = {at for diff in diffs for at in unknown(schema, diff, "")}
assert not strange, strange


def refused(what, change):
    diff = copy.deepcopy(next(diff for diff in diffs if diff["sites"]))
    change(diff)
    assert not validator.is_valid(diff), f"accepted: {what}"


refused("another schema", lambda d: d.update(schema="leakwatch-diff/2"))
refused("an unknown change", lambda d: d["sites"][0].update(change="leaking"))
refused("a change not counted", lambda d: d["counts"].pop("same"))
refused("an unknown count", lambda d: d["counts"].update(worse=1))
refused("text for bytes", lambda d: d["sites"][0].update(new={"held_bytes": "1"}))
refused("half a frame", lambda d: d["sites"][0]["stack"][0].pop("module"))
EOF
