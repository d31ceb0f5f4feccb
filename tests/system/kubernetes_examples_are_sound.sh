#!/bin/sh
# The manifests of docs/kubernetes agree with Kubernetes's types; one with a misspelt field, a wrong type or without a
# name does not.
. "$(dirname "$0")/lib.sh"
need node npm
manifest=$here/../../docs/kubernetes/deployment.yaml
cp "$here/../kubernetes/"*.json "$here/../kubernetes/.npmrc" "$here/../kubernetes/check.mjs" "$work"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error >npm.log 2>&1 || fail "npm ci: $(cat npm.log)"

node check.mjs "$manifest" >out 2>&1 || fail "$(cat out)"
refused() { # SED WHAT
    sed "$1" "$manifest" >wrong.yaml
    cmp -s "$manifest" wrong.yaml && fail "$2: nothing was changed"
    node check.mjs wrong.yaml >out 2>&1 && fail "not refused: $2"
    contains out "error TS"
}
refused 's/volumeMounts:/volumeMount:/' "a misspelt field"
refused 's/replicas: 1/replicas: one/' "a wrong type"
refused 's/- {name: LEAKWATCH_SAMPLE, value: 512k}/- {value: 512k}/' "a variable without a name"

# What it says of files: the init container copies what the Dockerfile puts there, to where LD_PRELOAD looks.
contains "$here/../../docs/kubernetes/Dockerfile" "libunwind-x86_64.so.8"
contains "$manifest" '"/leakwatch/.", "/brought"'
