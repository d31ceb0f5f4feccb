#!/bin/sh
# No stdio, no malloc, no lock of the C library: what the library may call stands in imports.allow. It needs
# the C library only: libunwind comes by dlopen, or its backtrace() would replace the program's.
. "$(dirname "$0")/lib.sh"

need nm readelf
nm -D --undefined-only "$library" | awk '{ print $NF }' | sed 's/@.*//' | sort -u >"$work/imports"
grep -v '^#' "$here/imports.allow" | sort >"$work/allowed"
equal "imports that are not allowed" "" "$(comm -23 "$work/imports" "$work/allowed")"
readelf -d "$library" >"$work/dynamic"
grep NEEDED "$work/dynamic" | grep -vE 'libc\.so|ld-linux' >"$work/needed" || true
equal "needed libraries" "" "$(cat "$work/needed")"
