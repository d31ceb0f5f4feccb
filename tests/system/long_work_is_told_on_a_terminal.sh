#!/bin/sh
# Work of more than a second is told on stderr where that is a terminal: one line, rewritten, and gone at the end.
# Elsewhere, with --quiet, when it takes no time, and in a program's report at exit there is none. Symbols take just as
# long as wanted here: separate debugging information is a fifo, into which nothing comes for three seconds.
. "$(dirname "$0")/lib.sh"
need objcopy script mkfifo

# A name that a terminal would obey, longer than its line.
program=$work/$(printf 'o\033[31mdd')$(printf '%060d' 0)
cp "$targets/array" "$program"
objcopy --only-keep-debug "$program" "$work/a.debug"
(cd "$work" && objcopy --strip-all --add-gnu-debuglink=a.debug "$program")
preload LEAKWATCH_LEDGER="$work/a.lw" LEAKWATCH_OUTPUT=none "$program" --seconds 2 >"$work/truth" || fail "the program"
rm "$work/a.debug"

# The fifo; after three seconds it ends, and whoever looks again finds none.
stall() {
    rm -f "$work/ended"
    mkfifo "$work/a.debug"
    (sleep 3 && mv "$work/a.debug" "$work/ended" && : >"$work/ended") &
    waiting=$!
}

# slowly COMMAND: on a terminal of 60 columns, which are what is left of it in $work/terminal; stdout goes to $work/out.
slowly() {
    stall
    timeout -k 5 30 script -qefc "stty cols 60; exec $1 >$work/out" /dev/null >"$work/terminal" 2>&1 </dev/null ||
        fail "$1: $(cat "$work/terminal")"
    kill "$waiting" 2>/dev/null || true
}
told() { grep -q "reading symbols" "$work/terminal"; }

for command in "report" "export --format csv"; do
    slowly "$tool $command $work/a.lw"
    told || fail "$command: nothing is told: $(cat -v "$work/terminal")"
    grep -q . "$work/out" || fail "$command: nothing came of it"
    /usr/bin/python3 - "$work/terminal" <<'END' || fail "$command: see above"
import re, sys

with open(sys.argv[1], newline="") as file:
    text = file.read()
lines = text.split("\r")
assert lines[0] == "" and "\n" not in text, text
assert lines[-1] == "\x1b[K", ("not gone at the end", lines[-1])
for line in lines[1:-1]:
    assert re.fullmatch(r"leakwatch: [1-9]\d* s: .*\x1b\[K", line) and len(line) - 3 < 60, line
assert "\x1b[31m" not in text and r"o\x1b[31mdd" in text, text
assert {"1", "2"} <= set(re.findall(r": (\d+) s:", text)), text
END
done
slowly "$tool report --quiet $work/a.lw"
equal "told with --quiet" 0 "$(wc -c <"$work/terminal")"
slowly "$tool export -q --format folded $work/a.lw"
equal "told with -q" 0 "$(wc -c <"$work/terminal")"
slowly "sh -c '$tool report --at-exit $work/a.lw; [ \$? = $at_exit_given ]'"
told && fail "told at exit"

stall
"$tool" report "$work/a.lw" >"$work/out" 2>"$work/err" || fail "without a terminal"
equal "told without a terminal" 0 "$(wc -c <"$work/err")"
script -qefc "$tool report $work/a.lw >$work/out" /dev/null >"$work/terminal" 2>&1 </dev/null || fail "what is quick"
equal "told of what is quick" 0 "$(wc -c <"$work/terminal")"
