#!/bin/sh
# The library exports the functions it interposes, and leakwatch_*: nothing else can clash with a program.
. "$(dirname "$0")/lib.sh"

need nm
nm -D --defined-only "$library" | awk '{ print $NF }' | sort >"$work/exports"
grep -vxE -f "$here/exports.allow" "$work/exports" >"$work/others" || true
equal "other exports" "" "$(cat "$work/others")"
for name in malloc free calloc realloc reallocarray memalign aligned_alloc posix_memalign valloc pvalloc \
    cfree free_sized free_aligned_sized mmap mmap64 munmap mremap mprotect sbrk brk leakwatch_version leakwatch_mark_phase \
    leakwatch_mark_excluded leakwatch_mark_thread _Znwm _ZdlPv; do
    grep -qx "$name" "$work/exports" || fail "$name is not exported"
done
# Plain malloc and malloc@GLIBC_2.2.5 must both find us: no version names.
! nm -D "$library" | grep ' T .*@' || fail "exports carry a version"
