#!/bin/sh
# cmake --install puts library, tool, header and man page where such things lie, and there they work.
. "$(dirname "$0")/lib.sh"

cmake --install "$build" --prefix "$work/usr" >/dev/null
library=$(find "$work/usr" -name 'libleakwatch.so*' -type f)
[ -n "$library" ] || fail "no library: $(find "$work/usr")"
[ -x "$work/usr/bin/leakwatch" ] || fail "no bin/leakwatch"
[ -f "$work/usr/include/leakwatch.h" ] || fail "no include/leakwatch.h"
[ -f "$work/usr/share/man/man1/leakwatch.1.gz" ] || fail "no man page"
for schema in report diff; do
    [ -f "$work/usr/share/leakwatch/leakwatch-$schema-1.schema.json" ] || fail "no schema of $schema"
done
for file in man/man7/libleakwatch.7.gz bash-completion/completions/leakwatch zsh/vendor-completions/_leakwatch \
    fish/vendor_completions.d/leakwatch.fish; do
    [ -f "$work/usr/share/$file" ] || fail "no $file"
done
# A program that asks for the library's version, built with what pkg-config says, runs with and without it.
pc=$(dirname "$(find "$work/usr" -name leakwatch.pc)")
cat >"$work/asks.c" <<'EOF'
#include <leakwatch.h>
#include <stdio.h>
int main(void)
{
    puts(leakwatch_version ? leakwatch_version() : "alone");
    return 0;
}
EOF
flags=$(PKG_CONFIG_PATH=$pc pkg-config --define-variable=includedir="$work/usr/include" --cflags leakwatch)
for compiler in 'cc -x c' 'c++ -x c++'; do
    # shellcheck disable=SC2086 # words
    $compiler $flags -o "$work/asks" "$work/asks.c" || fail "$compiler cannot build with the header"
    equal "without the library" "alone" "$("$work/asks")"
    equal "with it" "$(PKG_CONFIG_PATH=$pc pkg-config --modversion leakwatch)" \
        "$(LD_PRELOAD=$library LEAKWATCH_OUTPUT=none "$work/asks")"
done
equal "version" "leakwatch $(sed -n 's/.*LEAKWATCH_VERSION "\(.*\)"/\1/p' "$work/usr/include/leakwatch.h")" \
    "$("$work/usr/bin/leakwatch" --version)"
record run "$targets/ends" return
equal "exit status" 21 "$status"
PATH=$work/usr/bin:$PATH timeout 60 leakwatch run --output "$work/report" -- "$targets/ends" return || true
contains "$work/report" "ended: exit 21"
