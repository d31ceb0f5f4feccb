#!/bin/sh
# report and run --format github and junit: annotations are, byte for byte, what GitHub's own @actions/core writes for
# the same values, and JUnit is read by junitparser and xmllint; with names that would break out of either.
. "$(dirname "$0")/lib.sh"
need python3 npm node cc xmllint
/usr/bin/python3 -c 'import junitparser' 2>/dev/null || skip "no python3-junitparser on this machine"
core=$build/actions/node_modules/@actions/core/lib/command.js
if [ ! -e "$core" ]; then
    mkdir -p "$build/actions"
    cp "$here/actions/package.json" "$here/actions/package-lock.json" "$build/actions"
    npm ci --prefix "$build/actions" --ignore-scripts --no-audit --no-fund >"$work/npm" 2>&1 ||
        skip "npm cannot install @actions/core: $(tail -n 3 "$work/npm")"
fi

# annotations FILE COUNT: so many, each as @actions/core writes it; the properties in the variables of jq's kind.
annotations() {
    grep '^::' "$1" >"$work/commands" || true
    equal "annotations in $(basename "$1")" "$2" "$(wc -l <"$work/commands")"
    equal "other lines in $(basename "$1")" 1 "$(grep -cv '^::' "$1")"
    node - "$core" "$work/commands" <<'EOF' >"$work/again" || fail "node"
const { issueCommand } = require(process.argv[2]);
const decode = text => text.replace(/%(0D|0A|3A|2C|25)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
for (const line of require("fs").readFileSync(process.argv[3], "utf8").split("\n").slice(0, -1)) {
  const [, command, properties, data] = /^::(\S+) (.*?)::(.*)$/.exec(line);
  const values = properties.split(",").map(pair => [pair.split("=")[0], decode(pair.slice(pair.indexOf("=") + 1))]);
  issueCommand(command, Object.fromEntries(values), decode(data));
}
EOF
    same "annotations, as @actions/core writes them" "$work/again" "$work/commands"
}

# junit FILE CASES FAILURES SKIPPED
junit() {
    xmllint --noout "$1" || fail "not XML: $(basename "$1")"
    equal "cases, failures, skipped in $(basename "$1")" "$2 $3 $4" "$(/usr/bin/python3 -c '
import junitparser, sys
suites = list(junitparser.JUnitXml.fromfile(sys.argv[1]))
assert len(suites) == 1
suite, cases = suites[0], list(suites[0])
failed = sum(any(isinstance(r, junitparser.Failure) for r in case.result) for case in cases)
skipped = sum(any(isinstance(r, junitparser.Skipped) for r in case.result) for case in cases)
assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (len(cases), failed, 0, skipped)
assert suite.time > 0 and len(suite.timestamp) == 19
print(len(cases), failed, skipped)' "$1")"
}

keep() { # NAME PROGRAM ARGS...
    name=$1
    shift
    preload LEAKWATCH_LEDGER="$work/$name.lw" LEAKWATCH_OUTPUT=none "$@" >"$work/truth" || fail "$name under the library"
}

ask() { # FILE OPTION...
    to=$1
    shift
    "$tool" report -o "$to" "$@" || fail "report $*"
}

keep old "$targets/old/release" --seconds 4
keep new "$targets/new/release" --seconds 4
export GITHUB_WORKSPACE="${here%/tests/*}"
line=$(grep -n 'KEEPS(add_metric' "$here/../targets/release.c" | cut -d : -f 1)

ask "$work/all" --format github "$work/new.lw"
annotations "$work/all" 3
ask "$work/github" --format github --baseline "$work/old.lw" "$work/new.lw"
annotations "$work/github" 1
contains "$work/github" "::error file=tests/targets/release.c,line=$line,title=leakwatch%3A add_metric "
contains "$work/github" "(2 more known from the baseline)"
ask "$work/top" --format github --top 2 "$work/new.lw"
annotations "$work/top" 2
# Sources elsewhere have no line that GitHub could show.
GITHUB_WORKSPACE=/nowhere
ask "$work/elsewhere" --format github "$work/new.lw"
annotations "$work/elsewhere" 3
grep -q 'file=' "$work/elsewhere" && fail "a file outside the workspace"

ask "$work/junit" --format junit --baseline "$work/old.lw" "$work/new.lw"
junit "$work/junit" 3 1 2
contains "$work/junit" '<skipped message="known from the baseline"/>'
keep calm "$targets/state" --seconds 3
ask "$work/calm.xml" --format junit "$work/calm.lw"
junit "$work/calm.xml" 1 0 0
ask "$work/calm" --format github "$work/calm.lw"
annotations "$work/calm" 0
keep short "$targets/state" --seconds 1
ask "$work/short.xml" --format junit "$work/short.lw"
junit "$work/short.xml" 1 0 1

# A source file and a program whose names would end a property, a line, an attribute, or a document.
odd="a,b:c%0A::error::\"<&'>]]>$(printf '\357\277\276\033\342\200\256')"
cat >"$work/odd.c" <<EOF
#include <stdlib.h>
#include <unistd.h>
void *kept[4000];
#line 7 "$work/$(printf %s "$odd" | sed 's/["\\]/\\&/g')"
int main(void) { for (int i = 0; i < 4000; i++) { kept[i] = malloc(4000); usleep(1000); } }
EOF
cc -g -w -o "$work/$odd" "$work/odd.c" || fail "cc"
keep odd "$work/$odd"
GITHUB_WORKSPACE=$work
ask "$work/odd" --format github "$work/odd.lw"
annotations "$work/odd" 1
contains "$work/odd" '::error file=a%2Cb%3Ac%250A%3A%3Aerror%3A%3A"<&'
ask "$work/odd.xml" --format junit "$work/odd.lw"
junit "$work/odd.xml" 1 1 0
strip "$work/$odd"
keep bare "$work/$odd"
ask "$work/bare" --format github "$work/bare.lw"
annotations "$work/bare" 1
ask "$work/bare.xml" --format junit "$work/bare.lw"
junit "$work/bare.xml" 1 1 0

# run speaks so, too, and the status is the gate's.
GITHUB_WORKSPACE="${here%/tests/*}"
status=0
"$tool" run --format github --output stdout --exit-code 9 --baseline "$work/old.lw" -- "$targets/new/release" --seconds 4 \
    >"$work/run" 2>"$work/err" || status=$?
equal "status of run" 9 "$status"
equal "complaints of run" "" "$(cat "$work/err")"
annotations "$work/run" 1
"$tool" run --format junit --output "$work/run.xml" -- "$targets/state" --seconds 3 >"$work/out" || fail "run --format junit"
junit "$work/run.xml" 1 0 0

# The recipe in README, line by line: the baseline is the old release's, the script starts the new one as its child.
sed -n '/^## In CI/,/^As steps/s/^    \(leakwatch .*[^ ]\)   .*$/\1/p' "$here/../../README.md" >"$work/recipe"
equal "lines of the recipe" 4 "$(wc -l <"$work/recipe")"
PATH=$build:$PATH
cd "$work"
"$tool" report --format json -o leaks.json old.lw
cp "$targets/new/release" server
printf '#!/bin/sh\n./server --seconds 4\necho done\n' >load-test
chmod +x load-test
statuses=
while read -r command; do
    status=0
    sh -c "$command" >>"$work/out" 2>&1 </dev/null || status=$?
    statuses="$statuses $status"
done <recipe
equal "statuses of the recipe, line by line" " 0 3 0 0" "$statuses"
junit leaks.xml 3 3 0
sh -c "$(sed -n 2p recipe)" >out 2>&1 || fail "what the recipe made known is flagged again: $(cat out)"
