#!/bin/sh
# A Lua table that is filled for ever grows; the same loop with tables that are soon garbage does not.
. "$(dirname "$0")/lib.sh"

need lua5.4
cat >"$work/table.lua" <<'END'
local all = arg[1] == "lasting" and {}
local number = 0
for _ in io.lines() do -- the pace
    local rows = all or {}
    for _ = 1, 1000 do
        number = number + 1
        table.insert(rows, string.format("row %d", number))
    end
end
print(number)
END
pace() {
    turn=0
    while [ $turn -lt 200 ]; do
        echo
        sleep 0.025
        turn=$((turn + 1))
    done
}

pace | record_well lasting lua5.4 "$work/table.lua" lasting &
lasting=$!
pace | record_well passing lua5.4 "$work/table.lua" passing
wait $lasting
equal "rows" 200000 "$(cat "$work/lasting.out")"
report grows "$work/lasting.json" lua_seti        # the table, by table.insert
report grows "$work/lasting.json" luaL_pushresult # a row, by string.format
report calm "$work/passing.json"
