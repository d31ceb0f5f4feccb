#!/bin/sh
# any_system_call_of_ours_may_fail [STEP]: failure_sweep.py says how; STEP 1 is every call.
. "$(dirname "$0")/lib.sh"

mkdir "$work/sweep"
"$build/fail_nth" 0 "$library" "$work/failed" /bin/true 2>/dev/null || skip "no ptrace here"
/usr/bin/python3 "$here/failure_sweep.py" "$build/fail_nth" "$library" "$targets" "$work/sweep" "${1:-15}" || fail "see above"
