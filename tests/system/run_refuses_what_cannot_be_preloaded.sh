#!/bin/sh
# leakwatch run says why a program cannot be recorded, instead of recording nothing.
. "$(dirname "$0")/lib.sh"

refused() { # TEXT COMMAND...
    text=$1
    shift
    status=0
    "$tool" run -- "$@" >"$work/out" 2>"$work/err" || status=$?
    equal "status of $*" 1 "$status"
    equal "lines on stderr of $*" 1 "$(wc -l <"$work/err")"
    contains "$work/err" "$text"
}

need cc
printf 'int main(void) { return 0; }\n' >"$work/main.c"
cc -static "$work/main.c" -o "$work/static" 2>"$work/cc.err" || skip "cc cannot link statically here"
refused "statically linked" "$work/static"

cc "$work/main.c" -o "$work/dynamic"
# The machine's number, at offset 18, becomes that of PowerPC.
printf '\024' | dd of="$work/dynamic" bs=1 seek=18 conv=notrunc 2>"$work/dd"
refused "another architecture" "$work/dynamic"
printf '#!%s\n' "$work/static" >"$work/script"
chmod +x "$work/script"
refused "statically linked" "$work/script"

if [ "$(id -u)" = 0 ]; then
    cc "$work/main.c" -o "$work/setuid"
    chown 65534 "$work/setuid"
    chmod 4755 "$work/setuid"
    refused "setuid" "$work/setuid"
fi

# A malloc of its own is no reason to refuse, but one to tell.
printf '#include <stdlib.h>\nvoid *malloc(size_t n) { (void)n; return 0; }\nint main(void) { return 0; }\n' >"$work/own.c"
cc -rdynamic "$work/own.c" -o "$work/own"
"$tool" run --output "$work/report" -- "$work/own" >"$work/out" 2>"$work/err" || true
contains "$work/err" "brings its own malloc"

# A script without a first line that says by what is run by the shell, as execvp(3) has it.
printf 'echo said by the shell\nexit 3\n' >"$work/plain"
chmod +x "$work/plain"
status=0
"$tool" run --output "$work/report" -- "$work/plain" >"$work/out" 2>"$work/err" || status=$?
equal "status of a script without #!" 3 "$status"
equal "output of a script without #!" "said by the shell" "$(cat "$work/out")"
[ -s "$work/report" ] || fail "no report of a script without #!: $(cat "$work/err")"

# A sanitizer is not one of its own: the library stands aside, and one line says so.
for compiler in gcc clang; do
    for sanitizer in address thread leak; do
        "$compiler" -fsanitize=$sanitizer "$work/main.c" -o "$work/sanitized" 2>"$work/cc.err" || continue
        "$tool" run -- "$work/sanitized" >"$work/out" 2>"$work/err" || fail "$compiler, $sanitizer: $(cat "$work/err")"
        equal "lines about $sanitizer of $compiler" 1 "$(wc -l <"$work/err")"
        contains "$work/err" "a sanitizer owns malloc"
    done
done
