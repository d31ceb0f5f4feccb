# What the tests of the tool as a security boundary share, over lib.sh.
# shellcheck shell=sh
. "$(dirname "$0")/lib.sh"
# SANITIZED_TOOL: the tool of another build, with sanitizers, to be tested instead.
tool=${SANITIZED_TOOL:-$tool}
tries_s=60

# forge LIE FILE
forge() {
    /usr/bin/python3 "$here/forge.py" "$1" "$2" || fail "forge $1"
}

# harmless NAME ARGUMENT...: the tool with these arguments ends in time with 0 or with 1 and one line, and neither
# output has what a terminal would obey. Leaves $work/NAME.txt, NAME.json, NAME.err.
harmless() {
    name=$1
    shift
    for format in text json; do
        suffix=$([ $format = text ] && echo txt || echo json)
        status=0
        timeout -k 5 $tries_s "$tool" report --format $format "$@" >"$work/$name.$suffix" 2>"$work/$name.err" ||
            status=$?
        [ $status -le 1 ] || fail "$name as $format: status $status: $(head -c 2000 "$work/$name.err")"
        [ $status = 0 ] || equal "lines of complaint about $name" 1 "$(wc -l <"$work/$name.err")"
        plain "$work/$name.err"
        [ $status = 1 ] || [ -s "$work/$name.$suffix" ] || fail "$name as $format: no report"
    done
    plain "$work/$name.txt"
    [ "$status" = 1 ] || /usr/bin/python3 - "$work/$name.json" <<'PYTHON' || fail "$name is no JSON"
import json, sys
def refuse(word):
    raise ValueError(word)
json.loads(open(sys.argv[1], "rb").read().decode("utf-8"), parse_constant=refuse)
PYTHON
}

# Neither control characters nor broken UTF-8, no complaint of a sanitizer.
plain() { # FILE
    /usr/bin/python3 - "$1" <<'PYTHON' || fail "$(basename "$1"): $(head -c 1000 "$1" | cat -v)"
import sys, unicodedata
text = open(sys.argv[1], "rb").read().decode("utf-8")
bad = [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
sys.exit(bool(bad) or "Sanitizer" in text or "runtime error" in text)
PYTHON
}
