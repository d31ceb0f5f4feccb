#!/bin/sh
# Where npm is missing, or has no network, the build goes on without the page of leakwatch export --format html; the
# tool says so in one line, and all else works.
. "$(dirname "$0")/lib.sh"
pageless=$1 bundle=$here/../../src/page/bundle.sh

"$bundle" NPM-NOTFOUND "$work/page.html" 2>"$work/err" || fail "the build would stop without npm"
contains "$work/err" "no npm here"
[ -e "$work/page.html" ] || fail "no file where the build looks for the page"
[ ! -s "$work/page.html" ] || fail "a page without npm"
printf '#!/bin/sh\necho "no network" >&2\nexit 1\n' >"$work/npm"
chmod +x "$work/npm"
"$bundle" "$work/npm" "$work/page.html" 2>"$work/err" || fail "the build would stop without a network"
contains "$work/err" "npm ci failed: no network"

preload LEAKWATCH_LEDGER="$work/ledger" LEAKWATCH_OUTPUT=none "$targets/array" --seconds 1 >"$work/out" ||
    fail "array under the library"
status=0
"$pageless" export --format html -o "$work/report.html" "$work/ledger" >"$work/out" 2>"$work/err" || status=$?
equal "status" 1 "$status"
contains "$work/err" "--format html: this build has no page: install npm"
equal "lines" 1 "$(wc -l <"$work/err")"
[ ! -e "$work/report.html" ] || fail "wrote a page all the same"
"$pageless" export --format json "$work/ledger" >"$work/json" || fail "json without a page"
[ -s "$work/json" ] || fail "no json"
