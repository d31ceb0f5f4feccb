#!/bin/sh
# leakwatch export --format folded: speedscope, in a browser without a screen, shows for each function the very bytes
# that CSV has. speedscope comes from npm, as its lock file says, into the build folder.
. "$(dirname "$0")/lib.sh"
need python3 npm chromium
page=$build/speedscope/node_modules/speedscope/dist/release/index.html
if [ ! -e "$page" ]; then
    mkdir -p "$build/speedscope"
    cp "$here/speedscope/package.json" "$here/speedscope/package-lock.json" "$build/speedscope"
    npm ci --prefix "$build/speedscope" --ignore-scripts --no-audit --no-fund >"$work/npm" 2>&1 ||
        skip "npm cannot install speedscope: $(tail -n 3 "$work/npm")"
fi

# show FILE: what speedscope makes of it, as HTML. Its own command would ask a desktop for a browser.
show() {
    echo "speedscope.loadFileFromBase64('$(basename "$1")', '$(base64 -w 0 "$1")')" >"$1.js"
    HOME=$work timeout -k 5 50 chromium --headless --no-sandbox --enable-unsafe-swiftshader --window-size=1000,4000 \
        --user-data-dir="$work/chromium" --virtual-time-budget=10000 --dump-dom \
        "file://$page#view=sandwich&localProfilePath=$1.js" >"$1.html" 2>"$work/err" ||
        fail "chromium: $(tail -n 5 "$work/err")"
}

# compare NAME WHAT COLUMN
compare() {
    "$tool" export --format folded --what "$2" -o "$work/$1.$2" "$work/$1.lw" || fail "export of $1, $2"
    show "$work/$1.$2"
    python3 - "$work/$1.$2.html" "$work/$1.csv" "$3" <<'EOF' || fail "$1, $2: see above"
import csv, re, sys
from collections import Counter
from html.parser import HTMLParser


class Words(HTMLParser):
    words = []

    def handle_data(self, data):
        self.words.append(data.strip())


words = Words()
with open(sys.argv[1]) as file:
    words.feed(file.read())
words = [word for word in words.words if word]
at = words.index("Symbol Name") + 1
shown = {}
for total, own, name in zip(words[at::3], words[at + 1 :: 3], words[at + 2 :: 3]):
    shown[name] = [int(re.match(r"[\d,]+", cell)[0].replace(",", "")) for cell in (total, own)]
totals, owns = Counter(), Counter()
with open(sys.argv[2], newline="") as file:
    for row in csv.DictReader(file):
        # the apostrophe is CSV's own
        stack, figure = row["stack"].removeprefix("'").split(";"), int(row[sys.argv[3]])
        owns[stack[-1]] += figure
        for name in set(stack):
            totals[name] += figure
expected = {name: [totals[name], owns[name]] for name in totals if totals[name]}
assert expected and shown == expected, (shown, expected)
EOF
}

# trace NAME COMMAND...
trace() {
    name=$1
    shift
    preload LEAKWATCH_LEDGER="$work/$name.lw" LEAKWATCH_OUTPUT=none "$@" >"$work/truth" || fail "$* under the library"
    "$tool" export --format csv -o "$work/$name.csv" "$work/$name.lw" || fail "export of $name"
}

trace array "$targets/array" --seconds 4
compare array live live_bytes
compare array allocated allocated_bytes
compare array growth growth_bytes
trace exceptions "$targets/cxx"
compare exceptions allocated allocated_bytes
# A program without symbols whose name is markup, and a number at its end.
need strip
strip -o "$work/<b>\"é & 7 8" "$targets/array"
trace odd "$work/<b>\"é & 7 8" --seconds 1
compare odd allocated allocated_bytes
