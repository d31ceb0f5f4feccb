#!/bin/sh
# The Debian package: lintian finds nothing, and what is in it records a program from where it was unpacked.
. "$(dirname "$0")/lib.sh"
need cpack dpkg-deb lintian

(cd "$work" && cpack --config "$build/CPackConfig.cmake" -G DEB -B "$work/made" >"$work/cpack.out" 2>&1) ||
    fail "cpack: $(tail -3 "$work/cpack.out")"
package=$(find "$work/made" -maxdepth 1 -name 'leakwatch_*.deb')
[ -f "$package" ] || fail "no package was made: $(ls "$work/made")"
equal "what lintian says" "" "$(lintian --allow-root "$package" 2>&1)"
contains "$work/cpack.out" "generated"

mkdir "$work/root"
dpkg-deb -x "$package" "$work/root"
tool=$work/root/usr/bin/leakwatch
dpkg-deb -f "$package" Depends >"$work/depends"
contains "$work/depends" libunwind8
contains "$work/depends" libdw1
"$tool" run -- "$targets/array" --seconds 2 >"$work/out" 2>"$work/err" || fail "run: $(cat "$work/err")"
contains "$work/err" "GROWING"
contains "$work/err" "ended: exit 0"
gzip -dc "$work/root/usr/share/man/man1/leakwatch.1.gz" >"$work/man"
contains "$work/man" "which call sites of a program keep growing"
