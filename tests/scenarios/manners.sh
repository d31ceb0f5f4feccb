# Guests' manners: whatever a process can see of itself is what it would be without us.
# shellcheck shell=sh disable=SC2034,SC2154 # the variables of run

scenario a_daemon_sees_no_difference 1 20 60 "a daemon's life: descriptors, signals, limits, modes at every step"
a_daemon_sees_no_difference() {
    with=LEAKWATCH_CHILDREN=all
    repeat program "$targets/manners"
}

scenario descriptors_are_the_programs_alone 1 20 120 "lowest free descriptor while threads come and go, closefrom"
descriptors_are_the_programs_alone() {
    with=LEAKWATCH_CHILDREN=all
    repeat program "$targets/descriptors"
}

# No other program is started for the report there: a plain one comes on stderr, and the ledger stays.
sandbox() {
    repeat program "$targets/sandbox" --seconds 1.5 "$@"
}

case $name in
a_sandbox_that_*) reports=no ;; # plain ones, on stderr
esac

scenario a_sandbox_that_kills_is_survived 1 20 60 "a seccomp filter that kills at any unusual system call"
a_sandbox_that_kills_is_survived() {
    sandbox 2>/dev/null
}

a_sandbox_that_kills_is_survived_reported() { contains "$work/nothing.out" "lived in a sandbox"; }

scenario a_sandbox_that_refuses_is_survived 1 20 60 "a seccomp filter that refuses any unusual system call"
a_sandbox_that_refuses_is_survived() {
    sandbox --refuse 2>/dev/null
}

a_sandbox_that_refuses_is_survived_reported() { contains "$work/nothing.out" "lived in a sandbox"; }

scenario a_sandboxed_child_survives 1 20 60 "a forked child under a filter that kills"
a_sandboxed_child_survives() {
    with=LEAKWATCH_CHILDREN=all
    sandbox --fork 2>/dev/null
}
a_sandboxed_child_survives_reported() { contains "$work/nothing.out" "lived in a sandbox"; }

# limited LETTER NUMBER: a soft limit, as a user's shell sets it; output through a pipe, for files may be forbidden.
limited() {
    {
        # shellcheck disable=SC3045 # dash and bash know these letters
        ulimit -S "-$1" "$2"
        program "$targets/threads" --seconds 1 2>/dev/null
        echo "-$1 $2: status $?"
    } | cat
}

# -f 0: no file can be made, so the report is a plain one.
scenario tight_limits_hold 1 20 60 "RLIMIT_NOFILE, FSIZE, STACK, CORE, MEMLOCK, DATA, AS"
tight_limits_hold() {
    repeat limited n 16
    repeat limited f 0
    repeat limited s 64
    repeat limited c 0
    repeat limited l 0
    repeat limited d 100000
    repeat limited v 400000
}
tight_limits_hold_reported() {
    equal "good ends" $((7 * times)) "$(grep -c 'status 0' "$work/nothing.out")"
    equal "reports" $((6 * times)) "$(find "$work/reports" -name '*.json' | wc -l)"
}
