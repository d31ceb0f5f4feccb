#!/bin/sh
# A Lua table that is filled for ever grows; the same loop with tables that are soon garbage does not.
. "$(dirname "$0")/lib.sh"

need lua5.4
cat >"$work/table.lua" <<'END'
local all = arg[1] == "lasting" and {}
local ready = io.open(arg[2], "w")
ready:setvbuf("no")
local number = 0
for _ = 1, 200 do
    ready:write("\n")
    io.read()
    local rows = all or {}
    for _ = 1, 1000 do
        number = number + 1
        table.insert(rows, string.format("row %d", number))
    end
end
print(number)
END
# Each turn is asked for: of turns that wait for a program that is late it would make one leap.
pace() { # FIFO
    while read -r _; do
        sleep 0.025
        echo
    done <"$1"
}
table() { # HOW
    mkfifo "$work/$1.ready"
    pace "$work/$1.ready" | record_well "$1" lua5.4 "$work/table.lua" "$1" "$work/$1.ready"
}

table lasting &
lasting=$!
table passing
wait $lasting
equal "rows" 200000 "$(cat "$work/lasting.out")"
report grows "$work/lasting.json" lua_seti        # the table, by table.insert
report grows "$work/lasting.json" luaL_pushresult # a row, by string.format
report calm "$work/passing.json"
