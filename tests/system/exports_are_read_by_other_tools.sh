#!/bin/sh
# leakwatch export: what it writes is read back by readers that are not ours, and says what the report says.
. "$(dirname "$0")/lib.sh"
need python3

# mistaken TEXT ARGS...: one line with this text, status 2.
mistaken() {
    text=$1 status=0
    shift
    "$tool" export "$@" >"$work/out" 2>"$work/err" || status=$?
    equal "status of export $*" 2 "$status"
    contains "$work/err" "$text"
    equal "lines of complaint about $*" 1 "$(wc -l <"$work/err")"
}

export_to() { # FILE ARGS...
    file=$1
    shift
    "$tool" export -o "$file" "$@" "$work/ledger" 2>"$work/err" || fail "export $*: $(cat "$work/err")"
    equal "complaints about $*" "" "$(cat "$work/err")"
}

mistaken "which --format?" "$work/ledger"
mistaken "expected one of folded, pprof, csv, json" --format svg
mistaken "expected live, allocated or growth" --format folded --what grown
mistaken "--what is for --format folded" --format csv --what live
mistaken "one ledger at a time" --format csv one two

preload LEAKWATCH_LEDGER="$work/ledger" LEAKWATCH_OUTPUT=none "$targets/array" --seconds 4 >"$work/truth" ||
    fail "array under the library"
export_to "$work/json" --format json
"$tool" report --format json "$work/ledger" >"$work/report.json"
same "export and report" "$work/report.json" "$work/json"
export_to "$work/csv" --format csv
for what in live allocated growth; do
    export_to "$work/$what.folded" --format folded --what "$what"
done
export_to "$work/default.folded" --format folded
same "folded without --what" "$work/live.folded" "$work/default.folded"

python3 - "$work" <<'EOF' || fail "see above"
import csv, json, re, sys

work = sys.argv[1]
with open(work + "/json") as file:
    report = json.load(file)
with open(work + "/csv", newline="") as file:
    rows = list(csv.DictReader(file, strict=True))


def folded(what):
    with open(f"{work}/{what}.folded") as file:
        lines = [re.fullmatch(r"(\S.*) (\d+)", line) for line in file.read().splitlines()]
    return [(line[1].split(";"), int(line[2])) for line in lines]


totals = report["totals"]
assert len(rows) == totals["sites"], (len(rows), totals["sites"])
for column in ("allocations", "frees", "allocated_bytes", "freed_bytes", "live_bytes"):
    assert sum(int(row[column]) for row in rows) == totals[column], column
by_id = {int(row["site"]): row for row in rows}
for site in report["sites"]:
    assert by_id[site["id"]]["verdict"] == site["verdict"], site["id"]
growing = [row for row in rows if row["verdict"] == "growing"]
assert growing and growing[0]["shape"] and growing[0]["file"].endswith("array.c"), growing
assert int(growing[0]["line"]) > 0 and "main;" in growing[0]["stack"], growing[0]
assert sum(value for _, value in folded("live")) == totals["live_bytes"]
assert sum(value for _, value in folded("allocated")) == totals["allocated_bytes"]
grown = folded("growth")
assert sum(value for _, value in grown) == sum(int(row["growth_bytes"]) for row in rows)
assert len(grown) == len(growing) and growing[0]["function"] in grown[0][0], grown
EOF

# A name that is a formula, and full of what separates: a program without symbols is called by its file's name.
need strip
odd="$work/=a\",b;c"
strip -o "$odd" "$targets/array"
rm "$work/ledger"
# Not by preload: env would take the name for a variable.
(
    export LEAKWATCH_LEDGER="$work/ledger" LEAKWATCH_OUTPUT=none LD_PRELOAD="$library"
    exec "$odd" --seconds 1 >"$work/truth"
) || fail "$odd under the library"
export_to "$work/csv" --format csv
export_to "$work/folded" --format folded --what allocated
contains "$work/folded" "=a\",b:c+0x"
python3 - "$work/csv" <<'EOF' || fail "see above"
import csv, sys

with open(sys.argv[1], newline="") as file:
    rows = list(csv.reader(file, strict=True))
assert all(len(row) == len(rows[0]) for row in rows), rows
names = [row[rows[0].index("function")] for row in rows]
assert any(name.startswith("'=a\",b;c+0x") for name in names), names
assert not any(cell[:1] in "=@+" for row in rows for cell in row if cell), rows
EOF
