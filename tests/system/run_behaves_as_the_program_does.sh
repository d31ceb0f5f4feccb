#!/bin/sh
# Under `leakwatch run` a program has its own output, exit status and signals; the report goes where it is wanted.
. "$(dirname "$0")/lib.sh"

# run STATUS ARGUMENT...
run() {
    expected=$1
    shift
    status=0
    timeout -k 5 60 "$tool" run "$@" >"$work/out" 2>"$work/err" || status=$?
    equal "status of run $*" "$expected" "$status"
}

run 0 -- /bin/echo hello
equal "output" hello "$(cat "$work/out")"
contains "$work/err" "leakwatch: "
contains "$work/err" "ended: exit 0"
run 7 sh -c 'exit 7'
contains "$work/err" "ended: exit 7"
run 143 --output "$work/report" sh -c 'kill -TERM $$'
equal "stderr when the report goes to a file" "" "$(cat "$work/err")"
contains "$work/report" "killed by SIGTERM"
run 127 no-such-program-anywhere
contains "$work/err" "command not found"
run 127 /nonexistent/program
run 126 "$work"
: >"$work/data"
run 126 "$work/data"
run 0 --output none --ledger "$work/unseen" true
equal "bytes of no report" 0 "$(wc -c <"$work/err")"

# A script without a first line is the shell's, as execvp has it.
printf 'echo from a script\n' >"$work/script"
chmod +x "$work/script"
# shellcheck disable=SC2016 # the script expands it
printf '#!/bin/sh\necho "from $1"\n' >"$work/hashbang"
chmod +x "$work/hashbang"
run 0 "$work/hashbang" hashbang
equal "output of a script" "from hashbang" "$(cat "$work/out")"

# Flagged: --exit-code when all else is well, and only then.
run 3 --exit-code 3 -- "$targets/listeners" --seconds 2
contains "$work/err" "GROWING"
contains "$work/err" "add_listener"
run 0 --exitcode 3 -- "$targets/state" --seconds 2
printf 'leak:add_listener\n' >"$work/known"
run 0 --exit-code 3 --suppressions "$work/known" -- "$targets/listeners" --seconds 2
contains "$work/err" "1 more suppressed"
contains "$work/err" "Suppressed: leak:add_listener "
printf '# allocates for others\nwrapper:add_lis*\n' >"$work/wrappers"
run 3 --exit-code 3 --suppressions "$work/wrappers" -- "$targets/listeners" --seconds 2
contains "$work/err" "suppress with  leak:connect_client"
run 5 --exit-code 3 -- sh -c 'exit 5'

# Nothing is left behind, unless a ledger was named.
pid=$(sed -n 's/.* pid \([0-9]*\) .*/\1/p' "$work/err")
[ -z "$(ls /dev/shm/leakwatch-"$(id -u)"/*."$pid".* 2>/dev/null)" ] || fail "the ledger was left"
run 0 --ledger "$work/ledger-%p" --output "$work/report" -- /bin/true
"$tool" report "$work"/ledger-* >"$work/out" || fail "the named ledger has no report"

# What the environment says, options override.
LEAKWATCH_FORMAT=json LEAKWATCH_OUTPUT="$work/by_environment" timeout 60 "$tool" run /bin/true
check_report "$work/by_environment"
LEAKWATCH_FORMAT=json LEAKWATCH_OUTPUT="$work/by_environment" timeout 60 "$tool" run --format text \
    --output "$work/by_option" /bin/true
contains "$work/by_option" "Not seen:"

# Signals that are sent to run reach the program.
"$tool" run --output "$work/report" -- sh -c 'trap "echo terminated; exit 9" TERM; echo ready; while :; do sleep 0.1; done' \
    >"$work/out" 2>"$work/err" &
pid=$!
running=$pid
wait_for "$work/out" ready
kill -TERM $pid
status=0
wait $pid || status=$?
equal "status after a trap" 9 "$status"
contains "$work/out" terminated

# Other preloads stay.
# shellcheck disable=SC2016 # the inner shell expands it
LD_PRELOAD=/nonexistent/other.so timeout 60 "$tool" run --output "$work/report" -- /bin/sh -c 'echo "$LD_PRELOAD"' \
    >"$work/out" 2>"$work/err"
contains "$work/out" "libleakwatch.so:/nonexistent/other.so"
