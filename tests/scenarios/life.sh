# How processes and threads begin and end: forks at every moment, unusual children, every way to exit or to be
# killed, threads by the thousand, signals. No child may hang; what the program knows of its totals is asserted.
# shellcheck shell=sh disable=SC2034,SC2154 # the variables of run

# Every report of PROGRAM says what the program said of itself.
truth_of() { # PROGRAM
    for report in "$work/reports/$1".*.json; do
        report truth "$report" "$work/leakwatch.out"
    done
}

reports_are() { # NUMBER
    equal "reports" "$1" "$(find "$work/reports" -name '*.json' | wc -l)"
}

exactly() { # PROGRAM [ARGUMENTS...]: every site is in the report
    target=$1
    shift
    with=LEAKWATCH_MIN_BYTES=0
    program "$targets/$target" "$@"
}

# ---- forks ----

scenario fork_while_16_threads_allocate 150 10000 600 "fork while 16 threads allocate; children malloc, then exec, _exit or exit"
fork_while_16_threads_allocate() { exactly storm --children "$times"; }
fork_while_16_threads_allocate_reported() { truth_of storm; }

scenario fork_while_threads_learn_new_code 500 10000 600 "fork while threads run and load new code"
fork_while_threads_learn_new_code() {
    mkdir -p "$work/copies"
    program "$targets/forks" "$targets/libplugin.so" "$work/copies" --children "$times"
}

births() { exactly births "$1" --times "$times"; }

scenario _Fork_is_seen 10 1000 60 "_Fork: no fork handler runs"
_Fork_is_seen() { births _Fork; }
_Fork_is_seen_reported() { truth_of births; }

scenario raw_clone_is_seen 10 1000 60 "raw clone without CLONE_VM"
raw_clone_is_seen() { births clone; }
raw_clone_is_seen_reported() { truth_of births; }

scenario raw_clone3_is_seen 10 1000 60 "raw clone3; the child calls exit"
raw_clone3_is_seen() { births clone3; }
raw_clone3_is_seen_reported() { truth_of births; }

scenario children_in_our_memory_allocate 100 10000 60 "CLONE_VM|CLONE_VFORK children that allocate"
children_in_our_memory_allocate() { births clone_vm; }
children_in_our_memory_allocate_reported() { truth_of births; }

scenario children_in_the_memory_of_fresh_threads_allocate 20 1000 120 "the same as the first act of a thread"
children_in_the_memory_of_fresh_threads_allocate() { births clone_vm_thread; }
children_in_the_memory_of_fresh_threads_allocate_reported() { truth_of births; }

scenario fork_in_a_signal_handler 10 1000 60 "fork in a signal handler"
fork_in_a_signal_handler() { births handler; }
fork_in_a_signal_handler_reported() { truth_of births; }

scenario double_fork 10 1000 60 "double fork, under a subreaper"
double_fork() { births double; }
double_fork_reported() { truth_of births; }

scenario killed_with_its_parent 5 300 60 "PR_SET_PDEATHSIG"
killed_with_its_parent() { births deathsig; }
killed_with_its_parent_reported() { truth_of births; }

scenario daemon_closes_every_descriptor 2 100 120 "daemon(3), then closefrom(3)"
daemon_closes_every_descriptor() { births daemon; }
daemon_closes_every_descriptor_reported() { truth_of births; }

scenario program_becomes_a_daemon 1 20 60 "the program itself becomes a daemon"
program_becomes_a_daemon() { repeat become_daemon; }
become_daemon() {
    rm -f daemon
    exactly births becomes_daemon
    tries=300
    until [ -e daemon ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "no daemon"
        sleep 0.1
    done
}
# Its parent ended inside the C library, and that is an end like any other.
program_becomes_a_daemon_reported() {
    printf 'truth: allocations parent_allocates 1000\ntruth: allocations child_allocates 0\n' >"$work/truth"
    for report in "$work/reports/births".*.json; do
        report truth "$report" "$work/truth"
        equal "ended" exit "$(report value "$report" process.ended)"
        equal "exit status" 0 "$(report value "$report" process.exit_status)"
    done
    reports_are "$times"
}

# Reports of children (with LEAKWATCH_CHILDREN=all) tell of the child alone, the first process's of its own.
family_of() { # CHILDREN
    cat >"$work/truth" <<END
truth: allocations child_allocates 1000
truth: live_blocks child_allocates 1000
truth: allocations parent_allocates 0
END
    children=0
    for report in "$work/reports/births".*.json; do
        if (report truth "$report" "$work/truth") 2>/dev/null; then
            children=$((children + 1))
        else
            report truth "$report" "$work/leakwatch.out"
        fi
    done
    equal "children with a report" "$1" "$children"
}

all_of() {
    with="LEAKWATCH_MIN_BYTES=0 LEAKWATCH_CHILDREN=all"
    program "$targets/births" "$1" --times "$2"
}

scenario child_outlives_its_parent 1 100 120 "child that outlives its parent: a report of both"
child_outlives_its_parent() { all_of orphan "$times"; }
child_outlives_its_parent_reported() { family_of $((2 * times)); }

scenario a_crowd_of_children 15 300 120 "300 children at once, a report of each"
a_crowd_of_children() { all_of crowd "$times"; }
a_crowd_of_children_reported() { family_of "$times"; }

scenario vfork_children_share_the_memory 1 100 60 "vfork: exec, and _exit"
vfork_children_share_the_memory() { repeat exactly processes vfork; }
vfork_children_share_the_memory_reported() { truth_of processes; }

scenario spawned_children_are_not_ours 1 50 60 "posix_spawn, system, popen"
spawned_children_are_not_ours() { repeat exactly processes spawn; }
spawned_children_are_not_ours_reported() { # all of them too young
    truth_of processes
    reports_are "$times"
}

# ---- other programs ----

scenario process_becomes_another_program 1 100 60 "exec of itself: a new recording"
process_becomes_another_program() { repeat exactly processes exec; }
process_becomes_another_program_reported() {
    truth_of processes
    reports_are "$times"
}

scenario child_becomes_another_program 2 100 60 "a child records for a while, then calls exec: no ledger stays"
child_becomes_another_program() { births becomes_another; }
child_becomes_another_program_reported() {
    truth_of births
    equal "ledgers of children" "[]" "$(report value "$work/reports/births".*.json process.children)"
}

# Programs that cannot be recorded, and others.
strange_programs() {
    need as ld
    [ "$(id -u)" = 0 ] || skip "setuid to somebody else needs root"
    [ -e "$work/execs" ] || {
        chmod 755 "$work"
        mkdir "$work/execs"
        install -m 4755 -o nobody "$targets/hello" "$work/execs/setuid"
        # shellcheck disable=SC2016 # assembler
        printf 'movl $1, %%eax\nmovl $4, %%ebx\nint $0x80\n' | as --32 -o "$work/execs/o" -
        ld -m elf_i386 -e 0 -Ttext 0x8048000 -e 0x8048000 -o "$work/execs/i386" "$work/execs/o"
        printf '#!/bin/sh\nexit 6\n' >"$work/execs/script"
        chmod 755 "$work/execs/script"
        : >"$work/execs/data"
    }
}

scenario exec_of_strange_programs 2 300 120 "exec of a static, a setuid, a 32-bit program, a script; exec that fails"
exec_of_strange_programs() {
    strange_programs
    repeat exactly execs "$targets/hello" "$targets/hello_static" "$work/execs/setuid" "$work/execs/i386" \
        "$work/execs/script" "$work/execs/data" "$work/execs/none"
}
exec_of_strange_programs_reported() {
    truth_of execs
    contains "$work/leakwatch.out" "secure 1"
    equal "programs that said hello" $((3 * times)) "$(grep -c hello "$work/leakwatch.out")"
    reports_are "$times"
}

# ---- ends ----

# ends MODE...: each with a ledger that is kept.
ends() {
    for mode in "$@"; do
        status=0
        with="LEAKWATCH_MIN_BYTES=0 LEAKWATCH_LEDGER=$work/ledger.$mode"
        program "$targets/ends" "$mode" || status=$?
        echo "$mode: status $status"
    done
}

# ended HOW MODE...: by the ledgers that were kept. What the exit status was is known too, if the end was orderly.
ended() {
    how=$1
    shift
    for mode in "$@"; do
        "$tool" report --format json "$work/ledger.$mode" >"$work/$mode.json" || fail "no report after $mode"
        check_report "$work/$mode.json"
        equal "ended by $mode" "$how" "$(report value "$work/$mode.json" process.ended)"
        echo "truth: allocations allocate 1000" >"$work/truth"
        report truth "$work/$mode.json" "$work/truth"
        # (The last thread's end after pthread_exit is an exit(0) inside the C library, unseen.)
        [ "$how" = killed ] || [ "$mode" = pthread_exit ] || contains "$work/leakwatch.out" \
            "$mode: status $(report value "$work/$mode.json" process.exit_status)"
    done
}

orderly="return exit _exit quick_exit thread pthread_exit handler constructor destructor twice atexit"
scenario every_orderly_end_is_reported 1 100 30 "exit from main, a thread, a handler, a constructor, a destructor, atexit, twice; _exit; quick_exit; pthread_exit"
# shellcheck disable=SC2086 # words
every_orderly_end_is_reported() { repeat ends $orderly; }
every_orderly_end_is_reported_reported() {
    # shellcheck disable=SC2086 # words
    ended exit $orderly
    reports_are $((11 * times))
    echo "truth: allocations farewell_allocates 100000" >"$work/truth"
    report truth "$work/atexit.json" "$work/truth"
}

violent="abort segv kill term pipe raw"
scenario every_violent_end_leaves_its_ledger 1 100 30 "abort, SIGSEGV, SIGKILL, SIGTERM, SIGPIPE, raw exit_group"
every_violent_end_leaves_its_ledger() {
    reports=no
    # shellcheck disable=SC2086 # words
    repeat ends $violent
}
every_violent_end_leaves_its_ledger_reported() {
    # shellcheck disable=SC2086 # words
    ended killed $violent
    reports_are 0
}

scenario uncaught_exceptions_leave_the_ledger 1 100 30 "an uncaught exception in main, and in a thread"
uncaught_exceptions_leave_the_ledger() {
    reports=no
    repeat throws main thread
}
throws() {
    for mode in "$@"; do
        status=0
        with="LEAKWATCH_MIN_BYTES=0 LEAKWATCH_LEDGER=$work/ledger.$mode"
        program "$targets/throws" "$mode" || status=$?
        echo "$mode: status $status"
    done
}
uncaught_exceptions_leave_the_ledger_reported() {
    contains "$work/leakwatch.out" "thread: status 134"
    ended killed main thread
}

scenario a_threads_first_act_may_be_a_throw 1 100 60 "first act of each of 300 threads: a C++ exception"
a_threads_first_act_may_be_a_throw() { repeat program "$targets/throws" fresh; }

scenario two_threads_exit_at_once 8 1000 30 "exit from two threads at once"
two_threads_exit_at_once() { repeat two_exit; }
two_exit() { # no report may come after the end
    ends two
    [ "$instead" != leakwatch ] || reports_are "$time"
}
two_threads_exit_at_once_reported() { ended exit two; }

scenario exit_while_others_allocate 2 300 30 "exit while eight threads allocate"
exit_while_others_allocate() { repeat ends busy; }
exit_while_others_allocate_reported() { ended exit busy; }

scenario no_memory_under_RLIMIT_AS 1 20 60 "RLIMIT_AS leaves no memory; exit"
no_memory_under_RLIMIT_AS() { repeat ends refused; }
no_memory_under_RLIMIT_AS_reported() {
    ended exit refused
    reports_are "$times"
}

scenario killed_for_memory_in_a_cgroup 1 10 120 "out-of-memory kill in a cgroup of 64 MiB"
killed_for_memory_in_a_cgroup() {
    if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
        group=/sys/fs/cgroup/leakwatch.$$ limit=memory.max
    else
        group=/sys/fs/cgroup/memory/leakwatch.$$ limit=memory.limit_in_bytes
    fi
    mkdir "$group" 2>/dev/null || skip "no memory cgroup can be made here"
    echo 64M >"$group/$limit" || { rmdir "$group"; skip "no limit of memory can be set here"; }
    reports=no
    repeat killed_for_memory
    rmdir "$group"
}
killed_for_memory() {
    with=LEAKWATCH_LEDGER=$work/%n.ledger
    # shellcheck disable=SC2016 # the shell that becomes the program expands it
    program sh -c 'echo $$ >"$0"/cgroup.procs && exec "$@"' "$group" "$targets/ends" memory || echo "status $?"
}
killed_for_memory_in_a_cgroup_reported() {
    "$tool" report --format json "$work/ends.ledger" >"$work/memory.json"
    check_report "$work/memory.json"
    equal "ended" killed "$(report value "$work/memory.json" process.ended)"
    grep -q '"fill_memory"' "$work/memory.json" || fail "fill_memory is not in the report"
}

# ---- threads ----

scenario threads_by_the_thousand 2000 100000 300 "short threads, attached and detached; key destructors allocate and free"
threads_by_the_thousand() { exactly threads --threads "$times" --blocks 100; }
threads_by_the_thousand_reported() { # a block and a workspace a thread would be 48 KiB each
    truth_of threads
    own=$(report value "$work/reports/threads".*.json memory.recorder_bytes)
    [ "$own" -lt $((16 << 20)) ] || fail "$own bytes for $times threads"
}

scenario threads_end_in_unusual_ways 60 5000 300 "thread_local and key destructors, pthread_exit, cancellation, exceptions"
threads_end_in_unusual_ways() { exactly mortals --times "$times"; }
threads_end_in_unusual_ways_reported() { truth_of mortals; }

scenario threads_cancelled_inside_malloc 40 5000 300 "asynchronous cancellation inside malloc"
threads_cancelled_inside_malloc() {
    also=$targets/libbumpalloc.so
    exactly mortals --async --times "$times"
}
threads_cancelled_inside_malloc_reported() { truth_of mortals; }

# ---- signals ----

scenario handler_allocates_at_1_kHz 1 60 180 "signal handler that allocates and calls backtrace at 1 kHz, inside malloc too"
handler_allocates_at_1_kHz() {
    also=$targets/libbumpalloc.so
    exactly signals --backtrace --seconds "$times" >"$work/$instead.signals"
    grep -v 'truth: allocations' "$work/$instead.signals" # which depend on the machine
}
handler_allocates_at_1_kHz_reported() { report truth "$work/reports/signals".*.json "$work/leakwatch.signals"; }

scenario only_sigwait_gets_the_signal 100 10000 120 "sigwait thread, and SIGTERM to the process"
only_sigwait_gets_the_signal() { exactly handlers sigwait --times "$times"; }
only_sigwait_gets_the_signal_reported() { truth_of handlers; }

scenario handler_leaps_out_of_malloc 200 10000 120 "siglongjmp out of a handler that interrupted malloc"
handler_leaps_out_of_malloc() {
    also=$targets/libbumpalloc.so
    exactly handlers longjmp --times "$times"
}
handler_leaps_out_of_malloc_reported() { truth_of handlers; }

# ---- debuggers ----

scenario strace_follows 1 20 120 "strace -f"
strace_follows() {
    need strace
    repeat exactly_under strace -f -qq -o /dev/null
}
exactly_under() { program "$@" "$targets/storm" --children 8 --threads 2; }

scenario gdb_runs_it 1 20 120 "gdb run"
gdb_runs_it() {
    need gdb
    repeat gdb_run
}
gdb_run() {
    program gdb -nx -batch -ex "set print thread-events off" -ex run --args "$targets/ends" thread </dev/null |
        sed 's/process [0-9]*/process/'
}
