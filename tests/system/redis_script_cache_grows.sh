#!/bin/sh
# redis keeps every script it was ever given: with ever new scripts its script cache grows, and that is where
# the report points. It runs on Debian's shared jemalloc, and must keep it.
. "$(dirname "$0")/lib.sh"

need redis-cli redis-benchmark redis-check-rdb
# The server is the same program under another name; so redis-tools is enough, and no service is installed.
ln -s "$(command -v redis-check-rdb)" "$work/redis-server"
socket=$work/socket
LD_PRELOAD=$library LEAKWATCH_FORMAT=json LEAKWATCH_OUTPUT=$work/run.json \
    "$work/redis-server" --port 0 --unixsocket "$socket" --save "" --appendonly no --dir "$work" \
    >"$work/run.out" 2>"$work/run.err" &
pid=$!
running=$pid
wait_for "$work/run.out" "ready to accept connections"

redis-cli -s "$socket" info >"$work/info"
before=$(tr -d '\r' <"$work/info" | sed -n 's/^used_memory://p')
grep -q "$library" "/proc/$pid/maps" || fail "the library is not in the server"
grep -q libjemalloc "/proc/$pid/maps" || fail "the server lost its jemalloc"
contains "$work/info" "mem_allocator:jemalloc"
[ "$before" -gt 100000 ] || fail "used_memory is $before: the server's own accounting is broken"

timeout 6 redis-benchmark -s "$socket" -c 2 -n 100000000 -r 1000000000 -q eval 'return __rand_int__' 0 \
    >"$work/benchmark" 2>&1 || true
redis-cli -s "$socket" info memory | tr -d '\r' >"$work/info"
after=$(sed -n 's/^used_memory://p' "$work/info")
echo "used_memory $before, then $after with $(sed -n 's/^number_of_cached_scripts://p' "$work/info") scripts"
[ "$after" -gt $((before + 5000000)) ] || fail "the script cache hardly grew: nothing to see"

redis-cli -s "$socket" shutdown nosave
wait $pid || fail "the server ended with $?"
running=
check_report "$work/run.json"
report grows "$work/run.json" luaCreateFunction
report grows "$work/run.json" evalGenericCommand
