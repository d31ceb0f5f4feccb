#!/bin/sh
# Names of JavaScript from node's binary jitdump (--perf-prof), which lies where node runs, and from the perf map of a
# process that has a /tmp and a number of its own.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib_node.sh"

need node
cd "$work"
export TURNS=1200

# knows FILE: the leak's function is the first of those that asked for pages.
knows() {
    report runtime "$1" v8 growing leak
}

record_well exit node --perf-prof --interpreted-frames-native-stack --no-turbo-inlining "$programs/array.js"
[ -e "jit-$(report value exit.json process.pid).dump" ] || fail "node wrote no dump"
knows exit.json

# What remains of a killed one: the dump, and a ledger to which the dump's times belong.
LEAKWATCH_LEDGER="$work/killed.ledger" "$tool" run --format json --output killed.json -- \
    node --perf-prof --interpreted-frames-native-stack --no-turbo-inlining -e '
        require(process.argv[1]); process.on("exit", () => process.kill(process.pid, "SIGKILL"))' \
    "$programs/array.js" >killed.out 2>&1 || true
equal "how it ended" killed "$(report value killed.json process.ended)"
knows killed.json

unshare -m -p -f --mount-proc true 2>/dev/null || {
    echo "no namespaces for us here: names from inside are not tried"
    exit 0
}
# What hides /tmp must not hide the program.
inside=$(mktemp -d /var/tmp/leakwatch-test.XXXXXX)
trap 'finish; rm -rf "$inside"' EXIT
cp "$library" "$programs/array.js" "$programs/for_a_while.js" "$inside"
mkdir "$inside/tmp"
# shellcheck disable=SC2086,SC2016 # words; the shell inside expands them
TURNS=1000000 unshare -m -p -f --kill-child --mount-proc sh -c 'cd "$1" && mount --bind tmp /tmp && shift && exec "$@"' \
    sh "$inside" env LD_PRELOAD="$inside/libleakwatch.so" LEAKWATCH_LEDGER="$inside/ledger" node $flags array.js \
    >inside.out 2>&1 &
running="$running $!"
tries=300
until [ -s "$inside/ledger" ] && "$tool" report --format json "$inside/ledger" >inside.json 2>inside.err &&
    /usr/bin/python3 "$here/report.py" runtime inside.json v8 growing leak 2>inside.wrong; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || fail "from outside: $(tail -n 3 inside.wrong inside.err inside.out)"
    sleep 0.2
done
[ ! -e "/tmp/perf-$(report value inside.json process.pid).map" ] || echo "there is a map of this number here, too"
