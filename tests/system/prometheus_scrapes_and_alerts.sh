#!/bin/sh
# leakwatch watch and export --format prometheus: Debian's promtool, node_exporter and Prometheus read them, and the
# alert of docs/leakwatch.rules.yml fires on a growing site, and on nothing else.
#
# watch reads all ledgers of the user, so this test has a /dev/shm of its own.
if [ "${WATCHING_IN_PRIVATE:-}" != yes ]; then
    unshare --user --map-root-user --mount true 2>/dev/null || {
        echo "skipped: no private mounts (unshare) on this machine"
        exit 77
    }
    WATCHING_IN_PRIVATE=yes exec unshare --user --map-root-user --mount "$0"
fi
mount -t tmpfs tmpfs /dev/shm || exit 77
unset XDG_RUNTIME_DIR
. "$(dirname "$0")/lib.sh"
need promtool prometheus prometheus-node-exporter curl /usr/bin/python3
rules=$here/../../docs/leakwatch.rules.yml
[ ! -e "/tmp/leakwatch-$(id -u)" ] || mount -t tmpfs -o mode=0700 tmpfs "/tmp/leakwatch-$(id -u)"

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# begin NAME COMMAND...: under the library, in the background, as $begun
begin() {
    name=$1
    shift
    LD_PRELOAD=$library LEAKWATCH_OUTPUT=none "$@" >"$work/$name.out" 2>&1 &
    begun=$!
    running="$running $begun"
    wait_for "$work/$name.out" truth
}

# until_so WHAT SECONDS COMMAND...
until_so() {
    what=$1 tries=$(($2 * 2))
    shift 2
    until "$@" >"$work/answer" 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "$what: $(head -c 2000 "$work/answer")"
        sleep 0.5
    done
}

value() { # PATTERN: of the metric's line in the file
    sed -n "s/^$1 //p" "$work/textfiles/leakwatch.prom"
}
says() { # TEXT
    grep -F -e "$1" "$work/textfiles/leakwatch.prom"
}
says_not() {
    ! says "$1"
}

# A name with all that a label must escape.
quoted='q"uo\te'
cp "$targets/memo" "$work/$quoted"
begin grower "$work/$quoted" --seconds 90
grower=$begun
begin steady "$targets/lru" --seconds 90
steady=$begun
sleep 4

promtool check rules "$rules" >"$work/check" 2>&1 || fail "rules: $(cat "$work/check")"
"$tool" export --format prometheus "$grower" >"$work/one.prom" || fail "export"
promtool check metrics <"$work/one.prom" >"$work/check" 2>&1 || fail "promtool on export: $(cat "$work/check")"
equal "promtool's advice" "" "$(cat "$work/check")"
contains "$work/one.prom" 'site="remember cache.h:57"'
contains "$work/one.prom" "pid=\"$grower\""
LEAKWATCH_TOP=1 "$tool" export --format prometheus "$grower" >"$work/few.prom"
equal "sites with LEAKWATCH_TOP=1" 1 "$(grep -c '^leakwatch_site_live_bytes{' "$work/few.prom")"

mkdir "$work/textfiles"
"$tool" watch --interval 1s -o "$work/textfiles/leakwatch.prom" 2>"$work/watch.err" &
watcher=$!
running="$running $watcher"
until_so "the first round" 10 says "leakwatch_growing_sites"
promtool check metrics <"$work/textfiles/leakwatch.prom" >"$work/check" 2>&1 || fail "promtool: $(cat "$work/check")"
says "pid=\"$steady\"" >/dev/null || fail "the steady one is not told"
# shellcheck disable=SC1003 # no quote is meant
until_so "the name, escaped" 5 says 'program="q\"uo\\te"'

# Programs come and go.
begin late "$targets/memo" --seconds 90
until_so "a new program" 10 says "pid=\"$begun\""
kill -KILL "$begun"
until_so "a killed program is gone" 10 says_not "pid=\"$begun\""

# A real exporter, a real Prometheus, with the rule as it is but for its patience.
exporter=127.0.0.1:$(free_port)
prometheus=127.0.0.1:$(free_port)
prometheus-node-exporter --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory="$work/textfiles" --web.listen-address="$exporter" >"$work/exporter.log" 2>&1 &
running="$running $!"
sed 's/for: .*/for: 2s/' "$rules" >"$work/rules.yml"
cat >"$work/prometheus.yml" <<END
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs: [{job_name: node, static_configs: [{targets: ["$exporter"]}]}]
END
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" --web.listen-address="$prometheus" \
    >"$work/prometheus.log" 2>&1 &
running="$running $!"
asked() { # PYTHON CONDITION on a, the alerts, or r, the values of the query
    curl -fsS "http://$prometheus/api/v1/$1" | /usr/bin/python3 -c '
import json, sys
d = json.load(sys.stdin)["data"]
a, r = d.get("alerts"), d.get("result")
print(d)
sys.exit(not eval(sys.argv[1]))' "$2"
}
until_so "growing sites in Prometheus" 30 asked "query?query=leakwatch_growing_sites" \
    "{x['metric']['pid']: float(x['value'][1]) for x in r} == {'$grower': 2.0, '$steady': 0.0}"
until_so "escaped names in Prometheus" 10 asked "query?query=leakwatch_site_live_bytes" \
    "r and all(x['metric']['program'] == 'q\"uo\\\\te' for x in r)"
until_so "the alert" 30 asked alerts \
    "[x['labels']['pid'] for x in a if x['state'] == 'firing' and x['labels']['alertname'] == 'LeakwatchGrowth'] == ['$grower']"

# SIGTERM ends it well, and leaves no figures that nobody keeps fresh.
kill -TERM $watcher
status=0
wait $watcher || status=$?
equal "status after SIGTERM" 0 "$status"
equal "files left" "" "$(ls "$work/textfiles")"
equal "complaints" "" "$(cat "$work/watch.err")"

mistake() { # STATUS TEXT ARGS...
    expected=$1 text=$2 status=0
    shift 2
    timeout 20 "$tool" watch "$@" >"$work/out" 2>"$work/err" || status=$?
    equal "status of watch $*" "$expected" "$status"
    contains "$work/err" "$text"
    equal "lines about watch $*" 1 "$(wc -l <"$work/err")"
}
mistake 2 "expected a time from 1s to 24h" --interval 0s
mistake 2 "expected a time from 1s to 24h" --interval 30
mistake 2 "no arguments are expected" 4711
mistake 1 "cannot write $work/nowhere/x" -o "$work/nowhere/x"

# The rules, against series made up: docs say when they fire.
cp "$rules" "$work/leakwatch.rules.yml"
cp "$here/leakwatch.rules.test.yml" "$work"
promtool test rules "$work/leakwatch.rules.test.yml" >"$work/check" 2>&1 || fail "rules: $(cat "$work/check")"
