#!/bin/sh
# leakwatch export --format html: the page of a real ledger, and of hostile ones, in headless Chromium.
. "$(dirname "$0")/lib.sh"
need npm chromium chromedriver strip bash
/usr/bin/python3 -c 'import selenium' 2>/dev/null || skip "no python3-selenium on this machine"
template=$build/src/page/page.html
[ -s "$template" ] || fail "npm is here, and yet the build has no page: $(cat "$build/src/page/npm.log")"

export_page() { # NAME
    "$tool" export --format html -o "$work/$1.html" "$work/$1.lw" 2>"$work/err" || fail "export $1: $(cat "$work/err")"
    equal "complaints about $1" "" "$(cat "$work/err")"
}

preload LEAKWATCH_LEDGER="$work/real.lw" LEAKWATCH_OUTPUT=none "$targets/array" --seconds 4 >"$work/truth" ||
    fail "array under the library"
export_page real
"$tool" report --format json "$work/real.lw" >"$work/real.json"
"$tool" report "$work/real.lw" >"$work/real.txt"

# Without symbols it is named by its file. Markup in the path of a module, in an argument and in the name that it is started by.
odd="$work/x<"'/script><script>window.owned=1<'"/script><img src=x onerror=window.owned=1>"
mkdir -p "$(dirname "$odd")"
strip -o "$odd" "$targets/array"
separator=$(printf '\342\200\250')
# shellcheck disable=SC2016 # bash expands it: only the program itself is preloaded
bash -c 'LD_PRELOAD=$1 LEAKWATCH_LEDGER=$2 LEAKWATCH_OUTPUT=none exec -a "$3" "$4" --seconds 4' - "$library" \
    "$work/hostile.lw" "</script><script>window.owned=1</script><!--$separator" "$odd" >"$work/truth" ||
    fail "$odd under the library"
export_page hostile

HOME=$work timeout -k 5 240 /usr/bin/python3 "$here/html_page.py" "$work/real.html" "$work/real.json" "$work/real.txt" \
    "$work/hostile.html" "$template" || fail "see above"
