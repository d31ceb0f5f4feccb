#!/bin/sh
# leakwatch push: a server gets the profile as Pyroscope's ingest endpoint wants it, Go's pprof reads what came; each
# way to fail is told in one line, and nothing secret is in it.
. "$(dirname "$0")/lib.sh"
need python3 go
export HOME="$work" PPROF_TMPDIR="$work" no_proxy=127.0.0.1
unset PYROSCOPE_AUTH_TOKEN PYROSCOPE_TENANT_ID

# receive NAME MODE: a server (receiver.py); its URL in $url, what it gets in $work/NAME.
receive() {
    mkdir "$work/$1"
    python3 "$here/receiver.py" "$work/$1" "$2" 2>"$work/$1/err" &
    running="$running $!"
    for _ in $(seq 100); do
        [ ! -e "$work/$1/port" ] || break
        sleep 0.1
    done
    url=http://127.0.0.1:$(cat "$work/$1/port")
}
got() { # FILE EXPRESSION: of what one request said
    python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"
}

preload LEAKWATCH_LEDGER="$work/array.lw" LEAKWATCH_OUTPUT=none "$targets/array" --seconds 4 >"$work/truth" || fail array
"$tool" export --format pprof -o "$work/array.pprof" "$work/array.lw"

# What arrives.
receive good 200
PYROSCOPE_AUTH_TOKEN=secret PYROSCOPE_TENANT_ID=shop "$tool" push --application shop --label env=live --label zone=a/b \
    "$url" "$work/array.lw" >"$work/out" 2>"$work/err" || fail "push: $(cat "$work/err")"
equal "what is printed" 0 "$(cat "$work/out" "$work/err" | wc -c)"
said=$work/good/1.json
equal path /ingest "$(got "$said" "r['path']")"
equal name "shop{env=live,zone=a/b}" "$(got "$said" "r['query']['name']")"
equal format "pprof leakwatch" "$(got "$said" "r['query']['format'] + ' ' + r['query']['spyName']")"
equal "the time it is of, 4 s until its end" True "$(got "$said" "3 <= int(r['query']['until']) - int(r['query']['from']) <= 6")"
ago=$(($(date +%s) - $(got "$said" "r['query']['until']")))
if [ "$ago" -lt 0 ] || [ "$ago" -gt 30 ]; then fail "until is $ago s ago"; fi
equal authorization "Bearer secret" "$(got "$said" "r['headers']['authorization']")"
equal tenant shop "$(got "$said" "r['headers']['x-scope-orgid']")"
same "the profile is what export writes" "$work/array.pprof" "$work/good/1.profile"
go tool pprof -top -sample_index=growth_space "$work/good/1.profile" >"$work/top" 2>"$work/err" || fail "pprof: $(cat "$work/err")"
contains "$work/top" new_measurement
# Every sample type has its meaning there, no other has.
go tool pprof -raw "$work/good/1.profile" 2>/dev/null | sed -n '/^Samples:/{n;p;}' | tr ' ' '\n' | sed 's,/.*,,' |
    grep . | sort >"$work/types"
python3 -c 'import json, sys; print(*sorted(json.load(sys.stdin)), sep="\n")' <"$work/good/1.sample_type_config" >"$work/meant"
same "sample types" "$work/types" "$work/meant"

# Names of its own, a folder on a proxy, a login in .netrc.
printf 'machine 127.0.0.1 login me password word\n' >"$work/.netrc"
"$tool" push "$url/profiles/" "$work/array.lw" || fail "without options"
equal "the program's name" array "$(got "$work/good/2.json" "r['query']['name']")"
equal "behind the folder" /profiles/ingest "$(got "$work/good/2.json" "r['path']")"
equal "login of .netrc" "Basic $(printf me:word | base64)" "$(got "$work/good/2.json" "r['headers']['authorization']")"
rm "$work/.netrc"
"$tool" push "$url/ingest" "$work/array.lw" || fail "with the whole path"
equal "path given" /ingest "$(got "$work/good/3.json" "r['path']")"
equal "no header that nobody asked for" False "$(got "$work/good/3.json" "'authorization' in r['headers'] or 'x-scope-orgid' in r['headers']")"

# Again and again, until the program has ended, in which nothing has changed.
receive often 503,200
preload LEAKWATCH_LEDGER="$work/long.lw" LEAKWATCH_OUTPUT=none "$targets/array" --seconds 6 >"$work/truth" &
sleep 1.5
timeout 20 "$tool" push --interval 2s "$url" "$work/long.lw" 2>"$work/err" || fail "--interval: $(cat "$work/err")"
wait $! || fail "the program while it is pushed"
rounds=$(find "$work/often" -name '*.json' | wc -l)
if [ "$rounds" -lt 3 ] || [ "$rounds" -gt 6 ]; then fail "$rounds rounds in 6 s"; fi
equal "one line of the row that failed" 1 "$(wc -l <"$work/err")"
equal "what a round is of" True "$(got "$work/often/2.json" "int(r['query']['until']) - int(r['query']['from']) == 2")"
equal "and the next is later" True "$(got "$work/often/3.json" "int(r['query']['until']) > $(got "$work/often/2.json" "int(r['query']['until'])")")"

# mistake STATUS TEXT ARGUMENT...
mistake() {
    expected=$1 text=$2 status=0
    shift 2
    "$tool" push "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    equal "status of push $*: $(cat "$work/err")" "$expected" "$status"
    equal "lines of complaint about $*" 1 "$(wc -l <"$work/err")"
    contains "$work/err" "$text"
    ! grep -q -e secret -e "$(printf '\033')" "$work/err" || fail "told what it should not: $(cat "$work/err")"
}
attempts() { equal "attempts at $1" "$2" "$(find "$work/$1" -name '*.json' | wc -l)"; }

receive failing 500,503,200
"$tool" push "$url" "$work/array.lw" || fail "not tried again"
attempts failing 3
receive unwell 500
mistake 1 'refused, HTTP 500: no \x1b[31mprofile' "$url" "$work/array.lw"
attempts unwell 3
refuses() { # STATUS TEXT: told once, and not tried again
    receive "refusing$1" "$1"
    mistake 1 "HTTP $1: $2" "$url" "$work/array.lw"
    attempts "refusing$1" 1
}
refuses 400 'no \x1b'
refuses 401 "it wants a token in PYROSCOPE_AUTH_TOKEN"
refuses 404 "nothing takes profiles there"
refuses 413 "the profile's $(wc -c <"$work/array.pprof") bytes are more than it takes"
refuses 302 "it has moved"
receive wary 403
export PYROSCOPE_AUTH_TOKEN=secret
mistake 1 "does not take the token" "$url" "$work/array.lw"
PYROSCOPE_AUTH_TOKEN=$(printf 'secret\nX-Other: 1')
mistake 2 "PYROSCOPE_AUTH_TOKEN: expected" "$url" "$work/array.lw"
unset PYROSCOPE_AUTH_TOKEN
receive quiet silent
mistake 1 "no answer within 1 s" --timeout 1s "$url" "$work/array.lw"
mistake 1 "Connection refused" http://127.0.0.1:9 "$work/array.lw"
mistake 1 "no host of this name" http://no-such-host.invalid:4040 "$work/array.lw"

mistake 2 "which URL"
mistake 2 "expected a URL" "$work/array.lw"
mistake 2 "expected a URL" file:///etc/passwd "$work/array.lw"
mistake 2 "no password in the URL" http://me:secret@127.0.0.1 "$work/array.lw"
mistake 2 "one ledger at a time" "$url" one two
mistake 2 "--label env: expected KEY=VALUE" --label env "$url"
mistake 2 "expected KEY=VALUE" --label 'a=b}' "$url"
mistake 2 "--application a{b=c}: expected" --application 'a{b=c}' "$url"
mistake 2 "--interval 5: expected a time" --interval 5 "$url"
mistake 1 "No such file" "$url" "$work/none"

# Where libcurl is missing, or is not what it should be.
mkdir "$work/other"
cp "$(ldd "$tool" | sed -n 's/.*libz[.].* => \([^ ]*\) .*/\1/p')" "$work/other/libcurl.so.4"
export LD_LIBRARY_PATH="$work/other"
mistake 1 "no libcurl.so.4 of version 7.85 or newer here: install libcurl4" "$url" "$work/array.lw"
