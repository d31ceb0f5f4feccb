# Public suites that check themselves: stress-ng's stressors with --verify, Python's own tests.
# shellcheck shell=sh disable=SC2034,SC2154 # the variables of run

# stress STRESSOR OPERATIONS [ARGUMENTS...]: the operations, $times as many, in two processes. What it says is compared
# without process numbers and seconds.
stress() {
    need stress-ng
    with=LEAKWATCH_CHILDREN=all
    stressor=$1 operations=$(($2 * times))
    shift 2
    {
        program stress-ng --"$stressor" 2 --"$stressor"-ops $operations --verify --timeout $((patience - 10)) "$@"
        echo "status $?"
    } 2>&1 | sed 's/\[[0-9]*\]/[-]/; s/ [0-9.]*s$/ - s/; s/(.*secs)/(- s)/; s/run completed in .*/run completed/'
}

scenario stress_ng_malloc 1 100 60 "stress-ng malloc, verified"
stress_ng_malloc() { stress malloc 5000; }

scenario stress_ng_malloc_in_threads 1 100 60 "stress-ng malloc in 8 threads, verified"
stress_ng_malloc_in_threads() { stress malloc 2000 --malloc-bytes 64m --malloc-pthreads 8; }

scenario stress_ng_mmap 1 20 120 "stress-ng mmap, verified"
stress_ng_mmap() { stress mmap 40 --mmap-bytes 2m; }

scenario stress_ng_fork 1 100 60 "stress-ng fork"
stress_ng_fork() { stress fork 100; }

scenario stress_ng_vfork 1 100 60 "stress-ng vfork"
stress_ng_vfork() { stress vfork 100; }

scenario stress_ng_clone 1 50 120 "stress-ng clone"
stress_ng_clone() { stress clone 20; }

scenario stress_ng_pthread 1 50 60 "stress-ng pthread"
stress_ng_pthread() { stress pthread 200; }

scenario stress_ng_mremap 1 50 120 "stress-ng mremap, verified"
stress_ng_mremap() { stress mremap 20 --mremap-bytes 4m; }

scenario stress_ng_brk 1 100 60 "stress-ng brk"
stress_ng_brk() { stress brk 200; }

scenario stress_ng_bigheap 1 20 60 "stress-ng bigheap: realloc, verified"
stress_ng_bigheap() { stress bigheap 100 --bigheap-growth 64k; }

scenario stress_ng_sigsegv 1 100 60 "stress-ng sigsegv"
stress_ng_sigsegv() { stress sigsegv 200; }

scenario stress_ng_bad_altstack 1 20 60 "stress-ng bad-altstack"
stress_ng_bad_altstack() { stress bad-altstack 50; }

scenario stress_ng_rlimit 1 50 60 "stress-ng rlimit"
stress_ng_rlimit() { stress rlimit 1000; }

scenario stress_ng_dynlib 1 50 60 "stress-ng dynlib: dlopen and dlclose"
stress_ng_dynlib() { stress dynlib 100; }

scenario stress_ng_context 1 50 60 "stress-ng context: swapcontext"
stress_ng_context() { stress context 200; }

scenario stress_ng_longjmp 1 50 60 "stress-ng longjmp"
stress_ng_longjmp() { stress longjmp 200; }

scenario stress_ng_munmap 1 50 60 "stress-ng munmap"
stress_ng_munmap() { stress munmap 50; }

scenario stress_ng_daemon 1 50 60 "stress-ng daemon"
stress_ng_daemon() { stress daemon 50; }

# python_tests MODULE...: Debian's libpython3-testsuite. What is compared: how many tests ran, and which did not go well.
python_tests() {
    need /usr/lib/python3.11/test/test_thread.py
    with=LEAKWATCH_CHILDREN=all
    for module in "$@"; do
        {
            PYTHONMALLOC=malloc program /usr/bin/python3 -m test -v "$module" && echo ended || echo "status $?"
        } 2>&1 | sed -n 's/ in [0-9.]*s$//; /^Ran /p; /^OK/p; /^FAILED/p; /^FAIL: /p; /^ERROR: /p; /^status/p; /^ended/p'
    done
}

# What takes long is for the table only.
at_length() { [ "$times" = 1 ] || python_tests "$@"; }

scenario python_tests_of_memory 1 5 120 "python3 -m test: mmap, ctypes, list, re, memoryview; full: weakref"
python_tests_of_memory() {
    repeat python_tests test_mmap test_ctypes test_list test_re test_memoryview
    at_length test_weakref
}

scenario python_tests_of_threads 1 5 120 "python3 -m test: thread, threading_local, coroutines, generators, atexit"
python_tests_of_threads() { repeat python_tests test_thread test_threading_local test_coroutines test_generators test_atexit; }

scenario python_tests_of_gc 1 2 600 "python3 -m test: dict, zlib; full: gc, threading, json, bytes, faulthandler"
python_tests_of_gc() {
    python_tests test_dict test_zlib
    at_length test_gc test_threading test_json test_bytes test_faulthandler
}

scenario python_tests_of_processes 1 2 1200 "python3 -m test: wait4, pty; full: subprocess, signal, os, fork1, posix, multiprocessing_fork"
python_tests_of_processes() {
    python_tests test_wait4 test_pty
    at_length test_subprocess test_signal test_os test_fork1 test_posix test_multiprocessing_fork
}

scenario python_tests_of_libraries 1 2 1200 "python3 -m test: lzma; full: ssl, asyncio, io, pickle, decimal, importlib"
python_tests_of_libraries() {
    python_tests test_lzma
    at_length test_ssl test_asyncio test_io test_pickle test_decimal test_importlib
}
