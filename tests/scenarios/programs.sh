# Programs that everybody uses: the same output, complaints, files and exit status, with every program that they
# start. Their scripts are in programs/; what is long there is done when $1, the repetitions, is more than 1.
# shellcheck shell=sh disable=SC2034,SC2154 # the variables of run

script() { # NAME PROGRAM...
    script=$catalogue/programs/$1.sh
    shift
    need "$@"
    with=LEAKWATCH_CHILDREN=all
    repeat program sh "$script" "$times"
}

scenario bash_behaves_as_without 1 20 60 "bash: pipes, arrays, traps, subshells"
bash_behaves_as_without() { script bash bash; }

scenario git_behaves_as_without 1 20 60 "git: commits, log, gc, fsck, blame, diff"
git_behaves_as_without() { script git git; }

scenario gcc_behaves_as_without 1 20 60 "gcc: a good and a bad file"
gcc_behaves_as_without() { script gcc gcc objdump; }

scenario gxx_behaves_as_without 1 20 120 "g++: a good and a bad file"
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

scenario ruby_behaves_as_without 1 20 60 "ruby: hashes, collection, threads, fibers, fork"
ruby_behaves_as_without() { script ruby ruby; }

scenario sqlite_behaves_as_without 1 20 60 "sqlite3: a file, an index, a rollback, a dump"
sqlite_behaves_as_without() { script sqlite sqlite3; }

scenario openssl_behaves_as_without 1 10 120 "openssl: digests, ciphers, a key, speed"
openssl_behaves_as_without() { script openssl openssl; }

scenario apt_behaves_as_without 1 10 240 "apt-get -s, apt-cache, dpkg-query"
apt_behaves_as_without() { script apt apt-get; }

scenario ldd_behaves_as_without 1 20 60 "ldd, nm, readelf"
ldd_behaves_as_without() { script ldd ldd nm; }

scenario lua_behaves_as_without 1 20 60 "lua: tables, coroutines, an error"
lua_behaves_as_without() { script lua lua5.4; }

scenario redis_behaves_as_without 1 20 60 "redis-server with redis-benchmark and redis-cli"
redis_behaves_as_without() { script redis redis-server redis-benchmark; }

scenario tools_behave_as_without 1 20 240 "curl, ssh-keygen, awk, sort, find, xargs, tclsh, vim"
tools_behave_as_without() { script tools curl ssh-keygen tclsh vim; }

scenario build_behaves_as_without 1 10 240 "cmake, make, clang: a good and a bad project"
build_behaves_as_without() { script build cmake make clang; }

scenario java_behaves_as_without 1 10 120 "java: a map, threads, garbage, an exception"
java_behaves_as_without() { script java java; }

scenario php_behaves_as_without 1 20 60 "php: arrays, a generator, an exception"
php_behaves_as_without() { script php php; }

scenario gdb_on_a_live_program_behaves_as_without 1 10 60 "gdb: breakpoints and calls in a live program"
gdb_on_a_live_program_behaves_as_without() { script gdb_live gdb; }

scenario exceptions_across_libraries 1 100 60 "C++ exceptions through three libraries and our frames"
exceptions_across_libraries() { repeat program "$targets/cxx"; }
