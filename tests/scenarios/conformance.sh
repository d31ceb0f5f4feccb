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
