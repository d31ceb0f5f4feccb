#!/bin/sh
# leakwatch top: one picture as text, and the live table in a terminal of every size, while its program runs and ends.
. "$(dirname "$0")/lib.sh"
need /usr/bin/python3 strace
/usr/bin/python3 -c 'import pyte' 2>/dev/null || skip "no python3-pyte on this machine"

# A name that a terminal would obey.
evil=$(printf 'e\033[2J\033]0;owned\007vil')
cp "$targets/memo" "$work/$evil"
begin() { # FILE: a program that grows, as $grower
    LD_PRELOAD=$library LEAKWATCH_OUTPUT=none LEAKWATCH_LEDGER=$work/$1 "$work/$evil" --seconds 90 >"$work/$1.out" 2>&1 &
    grower=$!
    running="$running $grower"
    wait_for "$work/$1.out" truth
}

begin ledger
sleep 5
COLUMNS=80 LINES=24 "$tool" top --once "$work/ledger" >"$work/once" || fail "top --once: $?"
equal "lines" 24 "$(wc -l <"$work/once")"
contains "$work/once" "pid $grower"
contains "$work/once" "growing "
contains "$work/once" "remember cache.h:"
contains "$work/once" "memoize"
contains "$work/once" "resident "
contains "$work/once" '\x1b[2J'
equal "bytes that a terminal obeys" "" "$(tr -d '\n -~' <"$work/once")"
equal "too long lines" "" "$(grep -E '.{81}' "$work/once" || true)"
LC_ALL=C.UTF-8 "$tool" top --once "$work/ledger" | grep -q '▁.*█ remember' || fail "no sparkline in UTF-8"

# The program is only looked at: what is opened of its process is for reading, nothing traces it or sends it signals.
strace -f -o "$work/calls" -e trace=ptrace,process_vm_readv,process_vm_writev,kill,tkill,tgkill,openat \
    "$tool" top --once "$work/ledger" >/dev/null 2>"$work/err" || fail "strace: $(cat "$work/err")"
contains "$work/calls" "/proc/$grower/"
equal "calls that touch it" "" "$(grep -E "ptrace|process_vm|kill\($grower|/proc/$grower/.*(WRONLY|RDWR)" "$work/calls" |
    head -3)"
equal "ledger opened for writing" "" "$(grep "$work/ledger" "$work/calls" | grep -v O_RDONLY | head -3)"

mistake() { # STATUS TEXT ARGS...
    expected=$1 text=$2 status=0
    shift 2
    "$tool" top "$@" </dev/null >"$work/out" 2>"$work/err" || status=$?
    equal "status of top $*" "$expected" "$status"
    contains "$work/err" "$text"
    equal "lines about top $*" 1 "$(wc -l <"$work/err")"
}
mistake 1 "no terminal here" "$work/ledger"
mistake 2 "one program at a time" --once one two
mistake 2 "unknown or ambiguous option" --twice
mistake 1 "nowhere" --once "$work/nowhere"
head -c 5000 /dev/urandom >"$work/noise"
mistake 1 "noise" --once "$work/noise"

/usr/bin/python3 "$here/top_in_a_terminal.py" "$tool" "$work/ledger" "$grower" || fail "in a terminal: see above"
