#!/bin/sh
# Makes PAGE, the page of leakwatch export --format html, in the folder it lies in: npm ci, then build.mjs.
#
#   bundle.sh NPM PAGE
#
# Beside it: notices, the licences of what npm brought.
#
# NPM is the program, or anything that cannot be run where there is none. Without it, or without a network, PAGE is
# left empty and the build goes on: the tool then says that it has no page.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
npm=$1 page=$2
folder=$(dirname "$page")

without() {
    echo "leakwatch export --format html is left out: $*" >&2
    : >"$page"
    rm -f "$folder/notices"
    exit 0
}

[ -x "$npm" ] || without "no npm here (apt install npm, then cmake afresh)"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$folder"
cd "$folder"
"$npm" ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error >npm.log 2>&1 ||
    without "npm ci failed: $(tail -n 1 npm.log) (remove $page to try again)"
exec node "$here/build.mjs" "$folder/node_modules" "$page" "$folder/notices"
