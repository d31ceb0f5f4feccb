# The malloc family: results, errno, alignment, contents and usable sizes of every call, under every allocator.
# shellcheck shell=sh disable=SC2034,SC2154 # the variables of run

conformance() { # LIBRARY|none [ARGUMENTS...]
    [ "$1" = none ] || { need "$1" && also=$1; }
    shift
    repeat program "$targets/conformance" "$@"
}

scenario malloc_family_of_glibc 1 100 60 "every call of the malloc family, glibc"
malloc_family_of_glibc() { conformance none; }

scenario malloc_family_of_jemalloc 1 100 60 "every call of the malloc family, jemalloc"
malloc_family_of_jemalloc() { conformance /usr/lib/x86_64-linux-gnu/libjemalloc.so.2 --no-pvalloc; }

scenario malloc_family_of_tcmalloc 1 100 60 "every call of the malloc family, tcmalloc"
malloc_family_of_tcmalloc() { conformance /usr/lib/x86_64-linux-gnu/libtcmalloc.so.4; }

scenario malloc_family_of_mimalloc 1 100 60 "every call of the malloc family, mimalloc"
malloc_family_of_mimalloc() { conformance /usr/lib/x86_64-linux-gnu/libmimalloc.so.2.0; }

linked() { # PROGRAM [ARGUMENTS...]: built if its allocator was there
    need "$targets/$1"
    file=$1
    shift
    repeat program "$targets/$file" "$@"
}

scenario malloc_family_of_linked_jemalloc 1 100 60 "every call of the malloc family, linked to jemalloc"
malloc_family_of_linked_jemalloc() { linked conformance_jemalloc --no-pvalloc; }

scenario malloc_family_of_linked_tcmalloc 1 100 60 "every call of the malloc family, linked to tcmalloc"
malloc_family_of_linked_tcmalloc() { linked conformance_tcmalloc; }

scenario malloc_family_of_linked_mimalloc 1 100 60 "every call of the malloc family, linked to mimalloc"
malloc_family_of_linked_mimalloc() { linked conformance_mimalloc; }

scenario new_and_delete_of_libstdcxx 1 100 60 "every operator new and delete, bad_alloc, glibc"
new_and_delete_of_libstdcxx() { linked cxx; }

scenario new_and_delete_of_linked_jemalloc 1 100 60 "every operator new and delete, bad_alloc, linked to jemalloc"
new_and_delete_of_linked_jemalloc() { linked cxx_jemalloc; }

scenario new_and_delete_of_linked_tcmalloc 1 100 60 "every operator new and delete, bad_alloc, linked to tcmalloc"
new_and_delete_of_linked_tcmalloc() { linked cxx_tcmalloc; }

scenario new_and_delete_of_linked_mimalloc 1 100 60 "every operator new and delete, linked to mimalloc"
new_and_delete_of_linked_mimalloc() { linked cxx_mimalloc --no-bad-alloc; }

scenario libc_and_mappings 1 100 60 "getline, asprintf, mallopt, mallinfo2, brk; mmap, munmap, mremap, mprotect with their errors"
libc_and_mappings() { linked conformance_libc; }

scenario holes_are_the_programs_own 1 20 60 "a range unmapped piece by piece, then as a whole, then mapped again in place"
holes_are_the_programs_own() { repeat program "$targets/holes"; }

scenario libc_and_mappings_on_jemalloc 1 100 60 "the same on jemalloc"
libc_and_mappings_on_jemalloc() { also=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2 && need "$also" && linked conformance_libc --no-settings; }

scenario libc_and_mappings_on_tcmalloc 1 100 60 "the same on tcmalloc"
libc_and_mappings_on_tcmalloc() { also=/usr/lib/x86_64-linux-gnu/libtcmalloc.so.4 && need "$also" && linked conformance_libc --no-settings; }

scenario libc_and_mappings_on_mimalloc 1 100 60 "the same on mimalloc"
libc_and_mappings_on_mimalloc() { also=/usr/lib/x86_64-linux-gnu/libmimalloc.so.2.0 && need "$also" && linked conformance_libc --no-settings; }

# Fails the n-th call to the allocator, for n spread evenly over all of them ($times: how many), then the n-th and all after
# it. Programs copy their environment, so it must be the same both times. $each: what the output goes through.
each="cat"
without_memory() { # PROGRAM...
    also=$targets/libfailing.so
    need "$also" "$1"
    [ "$instead" = leakwatch ] || export LEAKWATCH_ROOT=1 LEAKWATCH_FORMAT=json LEAKWATCH_OUTPUT=none
    calls=$(program "$@" 2>&1 >/dev/null | sed -n 's/^calls: //p' | tail -1)
    echo "$calls calls"
    call=1 step=$((calls / times + 1))
    echo $(((calls + step - 1) / step)) >"$work/times"
    while [ "$call" -le "$calls" ]; do
        for failure in FAIL_AT FAIL_FROM; do
            export "$failure=$call"
            echo "$failure $call"
            {
                program "$@" && echo ended || echo "status $?"
            } 2>&1 | sed 's/0x[0-9a-f]*/0x-/g; s/allocate [0-9]* bytes/allocate - bytes/' | eval "$each"
            unset $failure
        done
        call=$((call + step))
    done
}

scenario no_memory_for_a_program_that_goes_on 26 1000000 20 "every call to malloc fails once: C and C++, going on"
no_memory_for_a_program_that_goes_on() { without_memory "$targets/survives"; }

scenario no_memory_for_bash 15 1000000 20 "every call to malloc fails once: bash"
# shellcheck disable=SC2016 # bash expands
no_memory_for_bash() {
    # Two processes of bash complain at once, each in pieces.
    each="sed 's/environment//g; /xmalloc: cannot allocate/d'"
    without_memory bash -c 'f() { echo "$(echo "${1/a/b}")"; }; f abc; x=(1 2 3); echo "${x[@]/2/4}"'
}

scenario no_memory_for_sqlite 20 1000000 20 "every call to malloc fails once: sqlite3"
no_memory_for_sqlite() { without_memory sqlite3 :memory: 'create table t(a, b); insert into t values(1, 2); select a + b from t;'; }

scenario no_memory_for_python 10 1000000 20 "every call to malloc fails once: python3"
no_memory_for_python() { without_memory /usr/bin/python3 -S -c 'print(sum(len(str(i)) for i in range(100)))'; }
