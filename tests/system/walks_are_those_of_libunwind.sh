#!/bin/sh
# walks_are_those_of_libunwind NAME LEAST: in a real program, whole stacks (before folding) are compared with
# unw_backtrace at LEAST random allocations or more: not one frame differs.
#
# Where a frame has no unwind table (JIT code), libunwind goes on by guessing; such walks are compared up to
# that frame, counted as "guessed", and may be one in fifty at most.
. "$(dirname "$0")/lib.sh"
compare=$build/libunwind_compare.so

run_python() {
    PYTHONMALLOC=malloc python3 -c 'import json, re, threading
def work(n):
    for i in range(n):
        json.loads(json.dumps({str(k): [k] * 5 for k in range(50)}))
        re.sub("a+b", lambda m: m.group(0)[::-1], "xaaab" * 20)
threads = [threading.Thread(target=work, args=(50,)) for _ in range(3)]
[t.start() for t in threads]; work(100); [t.join() for t in threads]
def down(n): return [n] + (down(n - 1) if n else [])
print(len(down(500)), len(str(sorted(str(i) for i in range(20000)))))'
}

run_bash() {
    bash -c 'for i in {1..2000}; do x="$x $i"; a[i]=${x:0:40}; done; f() { [ "$1" = 0 ] || f $(($1 - 1)); }; f 200
        echo ${#x} ${#a[@]}'
}

run_perl() {
    perl -e 'my %h; $h{$_} = [$_, {a => $_}] for 1 .. 30000; sub f { my $n = shift; $n ? [f($n - 1)] : [] } f(200);
        my $s = join ",", map { s/1/one/gr } sort keys %h; print length $s, "\n"'
}

run_git() {
    git init -q repository && cd repository || return
    for turn in 1 2 3 4 5; do
        seq "$turn" $((turn * 2000)) >numbers
        git add numbers
        git -c user.name=a -c user.email=a@b commit -q -m "turn $turn"
    done
    git log -p --stat | wc -l
    git gc -q
    git blame numbers | wc -l
}

run_sqlite3() {
    sqlite3 :memory: 'create table t(a, b); with recursive c(x) as (values(1) union all select x + 1 from c where
        x < 20000) insert into t select x, hex(randomblob(20)) from c; create index i on t(b); select count(*),
        length(group_concat(a)) from (select * from t order by b); create view v as select a, max(b) from t group
        by a % 7; select count(*) from v; alter table t add column c;'
}

run_lua5_4() {
    lua5.4 -e 'local t = {} for i = 1, 50000 do t[i] = { tostring(i), function() return i end } end
        table.sort(t, function(a, b) return a[1] < b[1] end)
        local co = coroutine.wrap(function() for i = 1, 500 do coroutine.yield(("x"):rep(i)) end end)
        for i = 1, 500 do co() end print(#t)'
}

run_redis_server() {
    redis-server --version
}

run_gcc() {
    cat >a.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
int main(void) { int a[64]; for (int i = 0; i < 64; i++) a[i] = i * 37 % 64;
    qsort(a, 64, sizeof *a, compare); printf("%d %s\n", a[3], strdup("x")); return 0; }
END
    cat >b.cc <<'END'
#include <iostream>
#include <map>
#include <string>
#include <vector>
int main() { std::map<std::string, std::vector<int>> m; m["a"].push_back(1);
    try { throw std::string("x"); } catch (const std::string &s) { std::cout << m.size() << s; } }
END
    gcc -O2 -g -c a.c && g++ -O1 -c b.cc && g++ b.o -o b && ./b
}

run_clang() {
    echo 'int f(int x); int f(int x) { int s = 0; for (int i = 0; i < x; i++) s += i * x; return s; }' >a.c
    clang -O2 -g -c a.c
}

run_node() {
    node -e 'const a = []; for (let i = 0; i < 50000; i++) a.push({ x: i, y: "s" + i });
        JSON.parse(JSON.stringify(a)); const b = []; for (let i = 0; i < 2000; i++) b.push(Buffer.alloc(9000));
        require("zlib").gzipSync(Buffer.alloc(1e6)); console.log(a.length, b.length)'
}

run_tar() {
    tar cf headers.tar /usr/include/linux 2>/dev/null && tar tvf headers.tar | wc -l
}

name=$1
least=$2
case $name in
python) need python3 ;;
lua5_4) need lua5.4 ;;
redis_server) need redis-server ;;
gcc) need gcc g++ ;;
*) need "$name" ;;
esac
[ -e "$compare" ] || skip "no $compare: libunwind's headers are missing"

# The shell itself must not be preloaded: only what the function runs is.
(
    mkdir "$work/run" && cd "$work/run"
    export UNWIND_COMPARE_OUT="$work/out" UNWIND_COMPARE_GAP="${UNWIND_COMPARE_GAP:-23}" LD_PRELOAD="$compare"
    "run_$name"
) >"$work/stdout" 2>"$work/stderr" || fail "$name ends with $?: $(tail -n 3 "$work/stderr")"
[ -s "$work/out" ] || fail "nothing was compared (is libunwind.so.8 there?)"

sum() {
    awk -v word="$1" '/^compared/ { for (i = 1; i < NF; i++) if ($i == word) n += $(i + 1) } END { print n + 0 }' \
        "$work/out"
}
compared=$(sum compared)
differed=$(sum differed)
guessed=$(sum guessed)
echo "$name: compared $compared walks of $(sum frames) frames, differed $differed, guessed $guessed"
[ "$differed" -eq 0 ] || fail "walks differ:
$(grep -v '^compared' "$work/out" | head -n 60)"
[ "$compared" -ge "$least" ] || fail "only $compared compared"
[ $((guessed * 50)) -le "$compared" ] || fail "libunwind guessed in $guessed of $compared"
