# redis-server on a socket, with redis-benchmark and redis-cli.
# shellcheck shell=sh

redis-server --port 0 --unixsocket "$PWD/socket" --save '' --daemonize no >log 2>&1 &
server=$!
tries=300
until redis-cli -s socket ping 2>/dev/null | grep -q PONG || [ $tries = 0 ]; do
    tries=$((tries - 1))
    sleep 0.05
done
redis-benchmark -s socket -n 2000 -c 10 -t set,get,lpush,zadd -q 2>/dev/null | tr '\r' '\n' | sed -n 's/: .*requests.*//p' | sort
redis-cli -s socket eval 'local n = 0 for i = 1, 1000 do n = n + #redis.call("SET", "k" .. i, i) .. "" end return n' 0
redis-cli -s socket dbsize
redis-cli -s socket shutdown nosave
wait $server
echo "server $?"
rm -f log socket
