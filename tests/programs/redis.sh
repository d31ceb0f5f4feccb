# grows: EVAL of ever new scripts: redis documents that its script cache is never evicted
# flat: SET over 1000 keys
ln -sf "$(command -v redis-check-rdb)" "$work/redis-server"
$record "$work/redis-server" --port 0 --unixsocket "$work/socket" --save "" --appendonly no --dir "$work" &
until redis-cli -s "$work/socket" ping; do sleep 0.1; done
case $1 in
grows) set -- -r 1000000000 -q eval "return __rand_int__" 0 ;;
*) set -- -r 1000 -q set key:__rand_int__ value ;;
esac
timeout 8 redis-benchmark -s "$work/socket" -c 2 -n 100000000 "$@" || true
redis-cli -s "$work/socket" shutdown nosave
wait
