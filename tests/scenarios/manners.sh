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
a_sandbox_*) reports=no ;; # plain ones, on stderr
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

scenario a_sandbox_that_leaves_little_is_survived 1 20 60 "a seccomp filter, by seccomp(2), that kills at all but malloc's own calls"
a_sandbox_that_leaves_little_is_survived() {
    sandbox --little 2>/dev/null
}
a_sandbox_that_leaves_little_is_survived_reported() { contains "$work/nothing.out" "lived on little"; }

scenario a_sandbox_that_leaves_nothing_is_survived 1 20 60 "seccomp's strict mode: only reading and writing are left"
a_sandbox_that_leaves_nothing_is_survived() {
    sandbox --strict 2>/dev/null
}
a_sandbox_that_leaves_nothing_is_survived_reported() { contains "$work/nothing.out" "lived on little"; }

scenario a_sandbox_may_be_inherited 1 20 60 "a seccomp filter from before exec that refuses any unusual system call"
a_sandbox_may_be_inherited() {
    sandbox --inherit 2>/dev/null
}
a_sandbox_may_be_inherited_reported() { contains "$work/nothing.out" "lived in a sandbox"; }

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
    repeat limited v 1000000 # glibc reserves 64 MiB for each of 8 threads: with less, the bare run fails at times
}
tight_limits_hold_reported() {
    equal "good ends" $((7 * times)) "$(grep -c 'status 0' "$work/nothing.out")"
    equal "reports" $((6 * times)) "$(find "$work/reports" -name '*.json' | wc -l)"
}

# hardly LETTER NUMBER: a limit under which a shell can do no more than begin the program.
hardly() {
    {
        # shellcheck disable=SC2016 # that shell's
        program sh -c 'ulimit -S "-$1" "$2" && exec "$3" exit' - "$1" "$2" "$targets/ends" 2>/dev/null
        echo "-$1 $2: status $?"
    } | cat
}

# In 30 MB nothing is recorded, and the program runs on.
scenario the_least_limits_hold 1 20 60 "RLIMIT_NOFILE 4, AS 30 MB"
the_least_limits_hold() {
    repeat hardly n 4
    repeat hardly v 30000
}
the_least_limits_hold_reported() {
    equal "good ends" $((2 * times)) "$(grep -c 'status 22' "$work/nothing.out")"
    equal "reports" "$times" "$(find "$work/reports" -name '*.json' | wc -l)"
}

scenario a_storm_of_timers 1 60 60 "four timers of 20 kHz over three threads"
a_storm_of_timers() { repeat program "$targets/moments" timers; }

scenario realtime_threads_do_not_starve 1 60 60 "SCHED_FIFO above ordinary threads, one processor"
realtime_threads_do_not_starve() {
    repeat program "$targets/moments" realtime || [ $? != 77 ] || skip "no SCHED_FIFO for us here"
}

scenario exit_with_streams_locked 1 60 60 "a thread holds stdin, stdout, stderr and calls exit"
exit_with_streams_locked() { repeat program "$targets/moments" locked || [ $? = 22 ]; }

case $name in
no_file_may_be_opened) reports=no ;; # plain ones
esac

scenario no_file_may_be_opened 1 20 60 "RLIMIT_NOFILE 0 while it runs"
no_file_may_be_opened() {
    with=LEAKWATCH_OUTPUT=stderr
    repeat program "$targets/moments" no_files 2>"$work/told.$instead"
}
no_file_may_be_opened_reported() {
    contains "$work/told.leakwatch" "this process may not open a file any more"
}

# apart PREPARATION COMMAND...: as program, in mount and PID namespaces of its own, after these shell words.
apart() {
    preparation=$1
    shift
    unshare -m -p -f true 2>/dev/null || skip "no namespaces for us here"
    case $instead in
    leakwatch) set -- env LD_PRELOAD="$library" LEAKWATCH_FORMAT=json \
        LEAKWATCH_OUTPUT="$work/reports/${preparation%% *}.json" "$@" ;;
    heaptrack) set -- env LD_PRELOAD="$heaptrack" DUMP_HEAPTRACK_OUTPUT="$work/heaptrack" "$@" ;;
    esac
    timeout -k 5 "$patience" unshare -m -p -f sh -c ": $preparation"' && exec "$@"' - "$@" \
        2>>"$work/complaints" || { cat "$work/complaints" >&2 && return 1; }
}

# The first word is only a name. The program is the first process of its namespace, pid 1.
scenario a_place_may_lack_anything 1 20 60 "no /proc, no /dev/shm, read-only, full at once or later, no cwd, hidepid"
a_place_may_lack_anything() {
    for place in 'nothing' 'proc; umount -l /proc' 'hidepid; mount -t proc -o hidepid=2 none /proc' \
        'shm; mount -t tmpfs -o size=1m none /dev && mknod -m 666 /dev/null c 1 3' \
        'ro_shm; mount -t tmpfs -o ro none /dev/shm' 'full; mount -t tmpfs -o size=64k none /dev/shm' \
        'full_later; mount -t tmpfs -o size=2200k none /dev/shm' \
        'cwd; cd "$(mktemp -d)" && rmdir "$PWD"' \
        "ro; mount --bind '$work' '$work' && mount -o remount,ro,bind / && mount -t tmpfs -o ro none /dev/shm"; do
        echo "$place" | cut -d ' ' -f 1
        repeat apart "$place" "$targets/threads"
    done
}
a_place_may_lack_anything_reported() {
    contains "$work/nothing.out" "truth: live_blocks"
    contains "$work/complaints" "this ledger was in memory only"
    equal "reports" 8 "$(find "$work/reports" -name '*.json' | wc -l)"
}

case $name in
output_may_lead_nowhere) reports=no ;;
esac

scenario output_may_lead_nowhere 1 20 60 "descriptors 0, 1, 2 closed, a pipe without a reader, LEAKWATCH_OUTPUT nowhere"
output_may_lead_nowhere() {
    with=LEAKWATCH_OUTPUT=stderr
    repeat program "$targets/ends" exit <&- >&- 2>&- || echo "closed: status $?"
    { repeat program "$targets/ends" exit 2>&1 >"$work/ignored" || echo "status $?" >status; } | true
    cat status
    for to in /nonexistent/x /dev/full "$work" "$work/nothing.out/x"; do
        with=LEAKWATCH_OUTPUT=$to
        repeat program "$targets/ends" exit 2>"$work/ignored" || echo "status $?"
    done
}

scenario any_umask_does 1 20 60 "umask 0777, HOME unset"
any_umask_does() {
    umask 0777
    repeat program env -u HOME "$targets/threads"
}

# Under a changed user or root the ledger cannot be read for a report: a few plain lines instead.
scenario powers_may_be_given_up 1 20 60 "setuid, chroot, unshare(CLONE_NEWUSER) after the start"
powers_may_be_given_up() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    with=LEAKWATCH_OUTPUT=stderr
    for what in user root userns; do
        repeat program "$targets/drops" "$what" --seconds 0.5 2>>"$work/told.$instead"
        rm -rf empty
    done
}
powers_may_be_given_up_reported() {
    contains "$work/told.leakwatch" "this process has changed its user or its root"
}
case $name in
powers_may_be_given_up) reports=no ;;
esac

scenario locked_memory_stays_small 1 20 60 "mlockall(MCL_CURRENT | MCL_FUTURE) makes no reserved table resident"
locked_memory_stays_small() {
    repeat program "$targets/locks_memory"
}
