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

scenario traffic_over_jemalloc 2 60 120 "the same, 8 threads, jemalloc, s"
traffic_over_jemalloc() { traffic_over /usr/lib/x86_64-linux-gnu/libjemalloc.so.2 --threads 8; }
traffic_over_jemalloc_reported() { totals_are_true; }

scenario traffic_over_tcmalloc 2 60 120 "the same, 8 threads, tcmalloc, s"
traffic_over_tcmalloc() { traffic_over /usr/lib/x86_64-linux-gnu/libtcmalloc.so.4 --threads 8; }
traffic_over_tcmalloc_reported() { totals_are_true; }

scenario traffic_over_mimalloc 2 60 120 "the same, 8 threads, mimalloc, s"
traffic_over_mimalloc() { traffic_over /usr/lib/x86_64-linux-gnu/libmimalloc.so.2.0 --threads 8; }
traffic_over_mimalloc_reported() { totals_are_true; }
