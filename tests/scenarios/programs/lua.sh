# lua: tables, strings, coroutines, an error.
# shellcheck shell=sh

lua5.4 -e 'local t = {} for i = 1, 50000 do t[i] = { n = i, s = ("x"):rep(i % 30) } end print(#t, t[77].n)
    local f = coroutine.wrap(function() for i = 1, 1000 do coroutine.yield(i) end end)
    local s = 0 for _ = 1, 1000 do s = s + f() end print(s, pcall(error, "an error")) collectgarbage() os.exit(5)'
