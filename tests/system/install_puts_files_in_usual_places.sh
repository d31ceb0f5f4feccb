#!/bin/sh
# cmake --install puts library, tool, header and man page where such things lie, and there they work.
. "$(dirname "$0")/lib.sh"

cmake --install "$build" --prefix "$work/usr" >/dev/null
library=$(find "$work/usr" -name 'libleakwatch.so*' -type f)
[ -n "$library" ] || fail "no library: $(find "$work/usr")"
[ -x "$work/usr/bin/leakwatch" ] || fail "no bin/leakwatch"
[ -f "$work/usr/include/leakwatch.h" ] || fail "no include/leakwatch.h"
[ -f "$work/usr/share/man/man1/leakwatch.1.gz" ] || fail "no man page"
[ -f "$work/usr/share/leakwatch/leakwatch-report-1.schema.json" ] || fail "no schema"
equal "version" "leakwatch $(sed -n 's/.*LEAKWATCH_VERSION "\(.*\)"/\1/p' "$work/usr/include/leakwatch.h")" \
    "$("$work/usr/bin/leakwatch" --version)"
record run "$targets/ends" return
equal "exit status" 21 "$status"
PATH=$work/usr/bin:$PATH timeout 60 leakwatch run --output "$work/report" -- "$targets/ends" return || true
contains "$work/report" "ended: exit 21"
