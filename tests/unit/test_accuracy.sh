#!/bin/sh
# test_accuracy.sh ACCURACY: on generated streams of the held-out families, fixed seed, the judge is as right as
# it was (tests/data/README.md).
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" --half held --runs 6 --seed 3 >"$work/lines"
awk -v check="0.96 0.98" -f "$(dirname "$0")/../accuracy.awk" "$work/lines"
