#!/bin/sh
# An array that realloc doubles is told with its elements, not as another leak; also where both were freed at the end. Two
# growing sites that are a key and its value are no such pair.
. "$(dirname "$0")/lib.sh"

record_well memo "$targets/memo" --seconds 3 &
memo=$!
with="LEAKWATCH_LEDGER=$work/array.lw"
record_well array "$targets/array" --seconds 3
wait $memo
held() { # NAME: "CONTAINER holds ELEMENTS", by function
    /usr/bin/python3 - "$work/$1.json" <<'END'
import json, sys
sites = {site["id"]: site for site in json.load(open(sys.argv[1]))["sites"]}
name = lambda site: site["stack"][site["named"]]["function"]
for site in sites.values():
    if site["container_of"] is not None:
        print(name(site), "holds", name(sites[site["container_of"]]))
END
}
equal "containers of array" "grow_array holds new_measurement" "$(held array)"
equal "containers of memo" "" "$(held memo)"
"$tool" report "$work/array.lw" >"$work/text"
contains "$work/text" "held by  grow_array"
equal "findings shown" 1 "$(grep -c '^#' "$work/text")"

cat >"$work/vector.cpp" <<'END'
#include <memory>
#include <vector>
#include <unistd.h>
struct thing { char bytes[100]; };
static std::vector<std::unique_ptr<thing>> all;
__attribute__((noinline)) static std::unique_ptr<thing> make_thing() { return std::make_unique<thing>(); }
__attribute__((noinline)) static void keep_thing() { all.push_back(make_thing()); }
int main() { for (int i = 0; i < 30000; i++) { keep_thing(); usleep(50); } }
END
c++ -g -O1 -o "$work/vector" "$work/vector.cpp"
with=
record_well vector "$work/vector"
equal "containers of vector" "keep_thing holds make_thing" "$(held vector)"
