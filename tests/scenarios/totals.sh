# Totals: whatever threads, signal handlers and children do at the same time, what each function allocated, freed and
# still holds is what the program itself counted, to the byte. Times are seconds.
# shellcheck shell=sh disable=SC2034,SC2154 # the variables of run

traffic() {
    with=LEAKWATCH_MIN_BYTES=0 # every site is in the report
    program "$targets/traffic" --seconds "$times" --truth "$work/truth" "$@"
}

traffic_over() { # LIBRARY ARGUMENTS...
    need "$1"
    also=$1
    shift
    traffic "$@"
}

totals_are_true() { report truth "$work/reports"/traffic.*.json "$work/truth"; }

scenario traffic_of_2_threads 2 60 120 "every call of the family at random, 2 threads, s"
traffic_of_2_threads() { traffic --threads 2; }
traffic_of_2_threads_reported() { totals_are_true; }

scenario traffic_of_8_threads 2 60 120 "the same, 8 threads, s"
traffic_of_8_threads() { traffic --threads 8; }
traffic_of_8_threads_reported() { totals_are_true; }

scenario traffic_of_32_threads 2 60 120 "the same, 32 threads, s"
traffic_of_32_threads() { traffic --threads 32; }
traffic_of_32_threads_reported() { totals_are_true; }

scenario traffic_of_short_threads 2 60 120 "the same, threads of 200 calls, s"
traffic_of_short_threads() { traffic --threads 16 --short; }
traffic_of_short_threads_reported() { totals_are_true; }

scenario traffic_with_forks 2 60 120 "the same, 4 threads, forks all the time, s"
traffic_with_forks() { traffic --threads 4 --forks; }
traffic_with_forks_reported() { totals_are_true; }

# What a handler allocates inside a hook is not recorded: it is a loss, and no block more or less.
scenario traffic_with_signals 2 60 120 "the same, a handler allocates at 1 kHz, s"
traffic_with_signals() { traffic_over "$targets/libbumpalloc.so" --threads 4 --signals --requested; }
traffic_with_signals_reported() {
    totals_are_true
    set -- "$work/reports"/traffic.*.json
    equal "allocations in the handler, with those lost" \
        "$(sed -n 's/^handler: allocations //p' "$work/truth")" "$(report allocations "$1" in_handler nested)"
}

scenario allocator_calls_itself 100 10000 60 "an allocator's call of itself is no loss; a handler's inside it is"
allocator_calls_itself() {
    also=$targets/libcalls_itself_library.so
    with=LEAKWATCH_MIN_BYTES=0
    program "$targets/calls_itself" --times "$times"
}
allocator_calls_itself_reported() {
    set -- "$work/reports"/calls_itself.*.json
    equal "calls that were resized" "$times" "$(report allocations "$1" resizes none)"
    equal "allocations in the handler, with those lost" $((2 * times)) "$(report allocations "$1" in_handler nested)"
}

scenario traffic_over_jemalloc 2 60 120 "the same, 8 threads, jemalloc, s"
traffic_over_jemalloc() { traffic_over /usr/lib/x86_64-linux-gnu/libjemalloc.so.2 --threads 8; }
traffic_over_jemalloc_reported() { totals_are_true; }

scenario traffic_over_tcmalloc 2 60 120 "the same, 8 threads, tcmalloc, s"
traffic_over_tcmalloc() { traffic_over /usr/lib/x86_64-linux-gnu/libtcmalloc.so.4 --threads 8; }
traffic_over_tcmalloc_reported() { totals_are_true; }

scenario traffic_over_mimalloc 2 60 120 "the same, 8 threads, mimalloc, s"
traffic_over_mimalloc() { traffic_over /usr/lib/x86_64-linux-gnu/libmimalloc.so.2.0 --threads 8; }
traffic_over_mimalloc_reported() { totals_are_true; }

scenario sizes_beyond_every_counter 1 20 60 "GiB live, TiB passed at a site; overflow, PTRDIFF_MAX"
sizes_beyond_every_counter() {
    with=LEAKWATCH_MIN_BYTES=0
    repeat program "$targets/extremes" --truth "$work/truth"
}
sizes_beyond_every_counter_reported() {
    for one in "$work/reports"/extremes.*.json; do
        report truth "$one" "$work/truth"
    done
}

scenario memory_used_up 1 1 60 "RLIMIT_AS reached: malloc, calloc, realloc fail"
memory_used_up() {
    with=LEAKWATCH_MIN_BYTES=0
    # shellcheck disable=SC3045 # dash has it
    ulimit -v 1048576 # before it starts: the recorder takes a sixteenth of it
    program "$targets/extremes" --truth "$work/truth" --limited
}
memory_used_up_reported() { report truth "$work/reports"/extremes.*.json "$work/truth"; }

scenario a_million_sites 65536 1048576 600 "1,048,576 distinct stacks"
a_million_sites() { program "$targets/many_sites" --paths "$times"; }
a_million_sites_reported() { every_path_is_a_site 1; }

scenario many_sites_in_many_threads 100000 100000 120 "100,000 stacks, each in 8 threads"
many_sites_in_many_threads() { program "$targets/many_sites" --paths "$times" --threads 8; }
many_sites_in_many_threads_reported() { every_path_is_a_site 8; }

# Every second block of 24 bytes stays; libc has a few of its own.
is_about() { # LEAST LIVE
    if [ "$2" -lt "$1" ] || [ "$2" -ge $(($1 + 100000)) ]; then
        fail "$2 bytes live, and not $1"
    fi
}

# What the first threads do before rules are learnt may be cut, and told.
every_path_is_a_site() { # THREADS
    set -- "$1" "$work/reports"/many_sites.*.json
    [ "$(report value "$2" totals.sites)" -ge "$times" ] || fail "$(report value "$2" totals.sites) sites"
    is_about $((times * $1 * 12)) "$(report value "$2" totals.live_bytes)"
}

scenario a_full_table 200000 1048576 120 "more stacks than the ledger has room for: told, the rest exact"
a_full_table() {
    ulimit -f 16384 # 8 MiB
    program "$targets/many_sites" --paths "$times"
}
a_full_table_reported() {
    set -- "$work/reports"/many_sites.*.json
    [ "$(report value "$1" recorder.losses.sites_full)" -gt 0 ] || fail "no loss told"
    is_about $((times * 12)) "$(report value "$1" totals.live_bytes)"
}
