let &undolevels = kind ==# 'grows' ? 1000000 : 10
let start = reltime()
let number = 0
while reltimefloat(reltime(start)) < 8.0
    for i in range(50)
        let number += 1
        call setline(1, repeat('x', 80) . number)
        let &undolevels = &undolevels
    endfor
    sleep 2m
endwhile
qall!
