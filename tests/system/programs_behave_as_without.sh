#!/bin/sh
# programs_behave_as_without NAME: a program that everybody uses has the same output, files and exit status
# with the library and without.
. "$(dirname "$0")/lib.sh"

# Each runs in an empty folder of its own; what it prints and what it leaves there is compared.

run_bash() {
    bash -c 'set -o pipefail; f() { local a=("$@"); for i in "${!a[@]}"; do echo "$i=${a[i]//a/b}"; done; }
        f alpha beta gamma | sort | tee list; declare -A m; for i in {1..2000}; do m[$i]=$(( i * i )); done
        echo "${#m[@]} ${m[44]}"; echo $(seq 1 500 | while read -r n; do echo $(( n % 7 )); done | sort | uniq -c)
        trap "echo trapped" USR1; kill -USR1 $$; (exit 3); echo $?; exec 5<<<here; cat <&5; exit 9'
}

run_git() {
    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b \
        GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@d GIT_AUTHOR_DATE='1700000000 +0000' \
        GIT_COMMITTER_DATE='1700000000 +0000'
    git init -q -b main repository && cd repository || return
    for turn in 1 2 3 4 5 6 7 8; do
        seq "$turn" $((turn * 3000)) >numbers
        git add numbers
        git commit -q -m "turn $turn"
    done
    git log --stat -p --format='%H %s' | sha256sum
    git gc -q
    git fsck --full && git count-objects | cut -d, -f1
    git blame numbers | sha256sum
    git diff --exit-code HEAD~3 | tail -3
    cd .. && rm -r repository
    GIT_CEILING_DIRECTORIES=$PWD git rev-parse
}

run_gcc() {
    cat >a.c <<'END'
#include <stdio.h>
static int twice(int n) { return 2 * n; }
int main(void) { printf("%d\n", twice(21)); return 0; }
END
    gcc -O2 -g -c a.c && gcc -o a a.o && ./a && objdump -d a.o | sha256sum
    echo 'int main(void) { return undeclared; }' >bad.c
    gcc -c bad.c
}

run_gxx() {
    cat >a.cpp <<'END'
#include <map>
#include <regex>
#include <string>
#include <iostream>
int main() { std::map<std::string, int> m{{"a", 1}}; std::cout << m.size() << std::regex_match("ab", std::regex("a.")) << "\n"; }
END
    g++ -O1 -c a.cpp && g++ -o a a.o && ./a && objdump -d a.o | sha256sum
    echo 'int main() { return std::nothing; }' >bad.cpp
    g++ -c bad.cpp
}

run_node() {
    node -e 'const m = new Map(); for (let i = 0; i < 200000; i++) m.set(i, { n: i, s: "x" + i });
        let sum = 0; for (const v of m.values()) sum += v.n; console.log(sum, m.size);
        const z = require("zlib"); console.log(z.gunzipSync(z.gzipSync(Buffer.alloc(1e6, 7))).length);
        const { Worker, isMainThread } = require("worker_threads");
        new Worker("require(\"worker_threads\").parentPort.postMessage(6 * 7)", { eval: true })
            .on("message", n => console.log("worker", n)).on("exit", () => { process.exitCode = 5; });
        require("child_process").exec("echo child", (e, out) => console.log(out.trim()));' | sort
    node -e 'process.exit(7)'
}

run_perl() {
    perl -e 'my %h; $h{"key$_"} = [1 .. 5] for 1 .. 20000; my $n = 0; $n += @$_ for values %h; print "$n\n";
        my @s = sort { $a cmp $b } keys %h; print "$s[7] $s[-1]\n"; my $t = "ab" x 10000; $t =~ s/b/cd/g;
        print length($t), "\n"; if (my $p = fork) { waitpid $p, 0; print $? >> 8, "\n" } else { exit 4 }
        print `echo from a pipe`; exit 6'
}

run_tar() {
    mkdir files
    for n in 1 2 3 4 5; do seq 1 $((n * 40000)) >files/$n; done
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cJf files.tar.xz files
    sha256sum <files.tar.xz
    mkdir copy && tar -xJf files.tar.xz -C copy && diff -r files copy/files && tar -tJf files.tar.xz
    XZ_OPT=-T2 tar -cJf threads.tar.xz files && tar -tJf threads.tar.xz | wc -l
    rm -f ./*.xz
    tar -xf nothing.tar
}

run_gdb() {
    gdb -nx -batch -ex 'break main' -ex 'print 6*7' -ex 'list allocate' -ex 'info functions allocate' "$targets/ends"
}

run_python() {
    /usr/bin/python3 -c 'import json, subprocess, threading, sys
rows = json.loads(json.dumps([{"n": i, "s": "x" * (i % 50)} for i in range(30000)])); print(len(rows))
t = [threading.Thread(target=lambda: sum(len(str(i)) for i in range(20000))) for _ in range(4)]
[x.start() for x in t]; [x.join() for x in t]
print(subprocess.run(["sh", "-c", "echo child; exit 3"], capture_output=True)); sys.exit(8)'
}

program=$1
case $program in
gcc) need gcc objdump ;;
gxx) need g++ objdump ;;
tar) need tar xz ;;
python) need /usr/bin/python3 ;;
*) need "$program" ;;
esac

# In a subshell; the exit status is the last command's.
once() { # FOLDER [LIBRARY]
    mkdir "$work/$1"
    (
        cd "$work/$1" || exit
        exec >"$work/$1.out" 2>"$work/$1.err"
        if [ -n "${2:-}" ]; then
            export LEAKWATCH_OUTPUT="$work/report" LD_PRELOAD="$2"
        fi
        "run_$program"
    ) || echo "exit status $?" >"$work/$1.status"
    touch "$work/$1.status"
    rm -rf "$work/$1.files"
    mv "$work/$1" "$work/$1.files"
}
once folder
for kind in out err status files; do
    mv "$work/folder.$kind" "$work/without.$kind"
done
once folder "$library"
cat "$work/without.status"
for kind in out err status; do
    same "$program: $kind" "$work/without.$kind" "$work/folder.$kind"
done
diff -r "$work/without.files" "$work/folder.files" || fail "$program left other files"
