# Programs that everybody uses: the same output, complaints, files and exit status, with every program that they
# start. Their scripts are in programs/.
# shellcheck shell=sh disable=SC2034,SC2154 # the variables of run

script() { # NAME PROGRAM...
    script=$catalogue/programs/$1.sh
    shift
    need "$@"
    with=LEAKWATCH_CHILDREN=all
    repeat program sh "$script"
}

scenario bash_behaves_as_without 1 20 60 "bash: pipes, arrays, traps, subshells"
bash_behaves_as_without() { script bash bash; }

scenario git_behaves_as_without 1 20 60 "git: commits, log, gc, fsck, blame, diff"
git_behaves_as_without() { script git git; }

scenario gcc_behaves_as_without 1 20 60 "gcc: a good and a bad file"
gcc_behaves_as_without() { script gcc gcc objdump; }

scenario gxx_behaves_as_without 1 20 60 "g++: a good and a bad file"
gxx_behaves_as_without() { script gxx g++ objdump; }

scenario node_behaves_as_without 1 20 60 "node: a map, zlib, a worker, a child"
node_behaves_as_without() { script node node; }

scenario perl_behaves_as_without 1 20 60 "perl: hashes, sorting, fork, a pipe"
perl_behaves_as_without() { script perl perl; }

scenario tar_and_xz_behaves_as_without 1 20 60 "tar with xz, with threads too"
tar_and_xz_behaves_as_without() { script tar tar xz; }

scenario gdb_behaves_as_without 1 20 60 "gdb: breakpoint, expression, symbols"
gdb_behaves_as_without() { script gdb gdb; }

scenario python_behaves_as_without 1 20 60 "python3: json, threads, a child"
python_behaves_as_without() { script python /usr/bin/python3; }
