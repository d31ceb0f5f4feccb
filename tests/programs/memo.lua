local memo = setmetatable({}, arg[1] == "flat" and { __mode = "v" } or nil)
local finish, number = os.time() + 8, 0
while os.time() < finish do
    for _ = 1, 300 do
        number = number + 1
        memo[number % 100000000] = { tostring(number) }
    end
    local wait = os.clock() + 0.003
    while os.clock() < wait do end
end
