# Test suites that are in Debian's source packages only. Minutes, a download and a compilation: not in CI; by
# `scripts/scenarios NAME`. The sources stay in $SCENARIO_SOURCES (default ~/.cache/leakwatch-sources).
# What is compared: every single test, passed or failed, natively and under the recorder.
# shellcheck shell=sh disable=SC2034,SC2154 # the variables of run

sources=${SCENARIO_SOURCES:-${XDG_CACHE_HOME:-$HOME/.cache}/leakwatch-sources}

# source_of PACKAGE: enters its unpacked folder, fetched once, by lists of our own.
source_of() {
    need apt-get dpkg-source
    mkdir -p "$sources/lists/partial" "$sources/cache"
    cd "$sources" || return
    [ -e "$1.fetched" ] || fetch "$1" >"$1.log" 2>&1 || skip "no source package $1: $(tail -1 "$1.log")"
    cd "$(find . -maxdepth 1 -type d -name "$1-[0-9]*" | head -1)" || return
}

fetch() { # PACKAGE
    package=$1 codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $codename main" >list
    set -- -qq -o Dir::Etc::sourcelist="$sources/list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$sources/lists" -o Dir::Cache="$sources/cache"
    apt-get "$@" update && apt-get "$@" source "$package" && touch "$package.fetched"
}

# What is the same at every run: which numbered tests went well, and how it ended.
tap() { # COMMAND...
    echo "$*"
    {
        program "$@" 2>/dev/null && echo ended || echo "status $?"
    } | sed -n 's/^\(not ok\|ok\) \([0-9]*\).*/\1 \2/p; /^ended$/p; /^status/p'
}

# Perl of the system on the tests of its source, which expect the library in ../lib.
scenario perls_own_tests 1 1 300 "perl's own tests: op, re, base, cmd, comp, io, mro"
perls_own_tests() {
    need perl
    home=$PWD
    source_of perl
    [ -e t/perl ] || {
        for folder in $(perl -e 'print join " ", grep { m{^/usr/(share|lib)} && -d } @INC'); do
            cp -an "$folder/." lib/ 2>/dev/null || true
        done
        ln -s "$(command -v perl)" t/perl
    }
    cd t || return
    for file in op/*.t re/*.t base/*.t cmd/*.t comp/*.t io/*.t mro/*.t; do
        case $file in
        # minutes long; names of temporary files, sizes of memory or times of day in the tests
        re/uniprops*.t | re/speed*.t | re/fold_grind*.t | op/alarm.t | op/time.t | op/sselect.t | io/socket*.t) continue ;;
        esac
        tap ./perl "$file"
    done
    cd "$home" || return
}

# The git of the system on the tests of its source; what they need of a build is built once.
scenario gits_own_tests 1 1 300 "git's own tests: init, attributes, config, refs, branch, log, packs, merge"
gits_own_tests() {
    need git make gcc /usr/include/zlib.h
    home=$PWD
    source_of git
    [ -e t/helper/test-tool ] || {
        set -- NO_CURL=1 NO_EXPAT=1 NO_GETTEXT=1 NO_OPENSSL=1 NO_TCLTK=1 CFLAGS=-O0
        make "$@" -C templates && make -j2 "$@" GIT-BUILD-OPTIONS t/helper/test-tool
    } >make.log 2>&1 || skip "git's test-tool cannot be built: $(tail -1 make.log)"
    cd t || return
    export GIT_TEST_INSTALLED=/usr/bin TEST_OUTPUT_DIRECTORY="$home"
    for file in t0001-*.sh t0003-*.sh t1300-*.sh t1400-*.sh t3200-*.sh t4202-*.sh t5300-*.sh t7600-*.sh; do
        tap sh "./$file"
    done
    cd "$home" && rm -rf ./*
}

# SQLite of its source, built as its testfixture, on the tests it calls quick: a third of them, every third file.
scenario sqlites_own_tests 1 1 900 "SQLite's own tests (testfixture), a third of its quick ones"
sqlites_own_tests() {
    need make gcc tclsh /usr/include/zlib.h
    home=$PWD
    source_of sqlite3
    [ -e leakwatch-build/testfixture ] || {
        mkdir -p leakwatch-build
        (cd leakwatch-build && ../configure --disable-shared && make -j2 testfixture)
    } >make.log 2>&1 || skip "SQLite's testfixture cannot be built: $(tail -1 make.log)"
    top=$PWD
    cd "$home" || return
    # Those that measure memory, wait for the clock, or start other programs say something else at every run.
    for file in $(find "$top/test" -name '[a-z]*[147].test' | LC_ALL=C sort); do
        case ${file##*/} in
        *fault*.test | *malloc*.test | *corrupt*.test | *thread*.test | mem*.test | speed*.test | soak*.test | wal*.test) continue ;;
        big*.test | *crash*.test | busy*.test | lock*.test | *perm*.test | multiplex*.test | sort*.test) continue ;;
        esac
        echo "${file##*/}"
        {
            program "$top/leakwatch-build/testfixture" "$file" 2>/dev/null && echo ended || echo "status $?"
        } | sed -n 's/^\([^ ]*\)\.\.\. \(Ok\)$/\1 \2/p; s/^! \([^ ]*\).*/failed \1/p; s/^\([0-9]* errors out of [0-9]* tests\).*/\1/p; /^ended$/p; /^status/p'
        rm -rf ./*
    done
}

# mimalloc's own tests, of its functions and of threads that hand blocks on, linked to it: it stands behind the library.
scenario mimallocs_own_tests 1 20 300 "mimalloc's own tests: test-api, test-api-fill, test-stress"
mimallocs_own_tests() {
    need cmake make gcc
    home=$PWD
    source_of mimalloc
    [ -e leakwatch-build/mimalloc-test-stress ] ||
        { cmake -S . -B leakwatch-build -DMI_BUILD_OBJECT=OFF && cmake --build leakwatch-build -j2; } >make.log 2>&1 ||
        skip "mimalloc's tests cannot be built: $(tail -1 make.log)"
    top=$PWD/leakwatch-build
    cd "$home" || return
    also=$(find "$top" -name 'libmimalloc*.so' | head -1)
    for test in api api-fill stress; do
        echo "$test"
        {
            repeat program "$top/mimalloc-test-$test" 2>&1 && echo ended || echo "status $?"
        } | sed -n '/passed\|failed\|error\|corruption/Ip; /^ended$/p; /^status/p'
    done
}
