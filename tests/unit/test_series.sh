#!/bin/sh
# test_series.sh JUDGE DATA: the judge is right (growing or not) on at least 102 of the 104 labelled
# series in DATA, and is the same whether rows of different ids are contiguous or interleaved.
set -eu
judge=$1 data=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$judge" "$data/series.csv" >"$work/verdicts"
awk -F '[, ]' '
    FNR == NR { if (FNR > 1) label[$1] = $5; next }
    !($1 in label) { print "not in the manifest: " $1; exit 1 }
    { judged++; right += ($2 == "growing") == (label[$1] == "growing") }
    ($2 == "growing") != (label[$1] == "growing") { print "wrong: " $0 " (" label[$1] ")" }
    END { print right " of " judged " right"; exit !(judged == 104 && right >= 102) }
' "$data/series_manifest.csv" "$work/verdicts"

# By time of tick instead of by id: same rows, same verdicts.
{ head -n 1 "$data/series.csv"; tail -n +2 "$data/series.csv" | sort -s -t , -k 2,2n; } >"$work/interleaved"
"$judge" <"$work/interleaved" | cmp - "$work/verdicts"
