#!/bin/sh
# Programs that include leakwatch.h are built without a warning however users build, and run with and without the library:
# position-independent or not, without a PLT, static, in C and in C++, by every compiler that is here. The examples
# do what they say.
. "$(dirname "$0")/lib.sh"
examples=$here/../../docs/examples
include=$here/../../include

build() { # COMPILER OPTION...: leaves $work/program
    rm -f "$work/program"
    "$@" -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -I "$include" -pthread -o "$work/program" ||
        fail "cannot be built: $*"
}

told() { # NAME EXPRESSION...
    name=$1
    shift
    /usr/bin/python3 "$here/marks.py" "$work/$name.json" "$@" || fail "marks $name: see above"
}

cat >"$work/tells.c" <<'EOF'
#include <leakwatch.h>
#include <stdlib.h>
int main(void)
{
    leakwatch_phase("only");
    leakwatch_thread_name("first");
    leakwatch_exclude_begin();
    {
        void *volatile block = malloc(10); /* not optimized away */
        free(block);
    }
    leakwatch_exclude_end();
    return 0;
}
EOF
cp "$work/tells.c" "$work/tells.cpp"

# tells COMPILER SOURCE OPTION...: alone, and under the library.
tells() {
    compiler=$1 source=$2
    shift 2
    build "$compiler" "$@" "$work/$source"
    "$work/program" || fail "$compiler $*, without the library: exit status $?"
    record_well tells "$work/program"
    told tells '"only" in phases' '"first" in threads' 'excluded == 1'
    tested=$((tested + 1))
}

tested=0
for compiler in gcc clang; do
    command -v $compiler >/dev/null || continue
    tells "$compiler" tells.c -std=c99 -O2
    tells "$compiler" tells.c -std=c17 -O0
    tells "$compiler" tells.c -O2 -no-pie -fno-pie
    tells "$compiler" tells.c -O0 -no-pie -fno-pie -Wl,-z,now
    tells "$compiler" tells.c -O2 -fno-plt
    build "$compiler" -static "$work/tells.c"
    "$work/program" || fail "$compiler, static: exit status $?"
done
for compiler in g++ clang++; do
    command -v $compiler >/dev/null || continue
    tells "$compiler" tells.cpp -std=c++98 -O2
    tells "$compiler" tells.cpp -std=c++11 -O2
    tells "$compiler" tells.cpp -std=c++20 -O0 -no-pie -fno-pie
done
[ "$tested" -ge 8 ] || fail "no compilers: only $tested programs"

build g++ -std=c++11 -g "$examples/excluded.cpp"
"$work/program" || fail "excluded.cpp without the library: exit status $?"
record_well excluded "$work/program"
told excluded 'excluded >= 900' 'live == 0' 'len(growing) == 1' 'grown("first half") > 1e6' 'grown("second half") > 1e6' \
    'change("second half") > 2e6' # what is freed at exit is of no phase
build gcc -std=c99 -g -D_POSIX_C_SOURCE=200809L "$examples/phases.c"
"$work/program" || fail "phases.c without the library: exit status $?"
record_well phases "$work/program"
told phases 'threads["journal"]["live_bytes_change"] > 4000000' 'change("load") > 8000000' \
    'excluded == 400' 'len(growing) == 2' 'grown("serve") > 4e6' 'grown("load") < 1e6'
