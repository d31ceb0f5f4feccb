#!/bin/sh
# a_ledger_is_consistent_while_it_is_written [TIMES]: read that often (read_live.c) while four threads allocate,
# within their counters and with evictions all the time.
. "$(dirname "$0")/lib.sh"

for paths in "" --paths; do
    LD_PRELOAD=$library LEAKWATCH_LEDGER=$work/ledger$paths LEAKWATCH_OUTPUT=none \
        "$targets/traffic" --seconds 60 $paths >"$work/out" 2>&1 &
    running=$!
    tries=100
    until "$build/read_live" "$work/ledger$paths" 2 >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "no ledger: $("$build/read_live" "$work/ledger$paths" 1)"
        sleep 0.1
    done
    "$build/read_live" "$work/ledger$paths" "${1:-1000}" >"$work/readings" || fail "$(cat "$work/readings")"
    cat "$work/readings"
    kill -KILL "$running"
    wait "$running" || true
    running=
done
