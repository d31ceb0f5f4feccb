# Stacks: wherever the stack pointer points, whatever lies there, nothing is read that the program may not read.
# shellcheck shell=sh disable=SC2034,SC2154 # the variables of run

# $times thousand stacks, on the main thread and on another.
scenario wild_stacks_are_read_with_care 5 1000 900 "random stacks between forbidden pages, registers that point anywhere, wrong unwind tables, JIT code"
wild_stacks_are_read_with_care() {
    program "$targets/wild_stacks" --rounds "${times}000"
    program "$targets/wild_stacks" --rounds "${times}000" --thread
}

stacks() {
    with=LEAKWATCH_MIN_BYTES=0
    program "$targets/stacks" "$1" "$times"
}
stacks_are_told() { report truth "$work/reports"/stacks.*.json "$work/nothing.out"; }

scenario deep_recursion_is_followed 100000 100000 300 "a block at each of so many levels, main thread and another"
deep_recursion_is_followed() { stacks deep; }
deep_recursion_is_followed_reported() { stacks_are_told; }

scenario the_smallest_thread_stacks_suffice 50 5000 300 "threads on PTHREAD_STACK_MIN, no guard page, stacks of the program's own, reused"
the_smallest_thread_stacks_suffice() { stacks small; }
the_smallest_thread_stacks_suffice_reported() { stacks_are_told; }

scenario handlers_allocate_on_stacks_of_their_own 200 10000 300 "sigaltstack: least size and 2 KiB; nested on one of 8 KiB"
handlers_allocate_on_stacks_of_their_own() { stacks alternate; }
handlers_allocate_on_stacks_of_their_own_reported() { stacks_are_told; }

scenario stack_overflow_is_survived 100 10000 300 "overflow caught on an alternate stack; the handler allocates and jumps"
stack_overflow_is_survived() { stacks overflow; }
# Some overflow inside the hook: what the handler allocates then is a loss that is told.
stack_overflow_is_survived_reported() {
    set -- "$work/reports"/stacks.*.json
    equal "allocations in the handler, with those lost" $((2 * times)) "$(report allocations "$1" after_the_overflow nested)"
}

scenario a_threads_first_act_may_be_anything 50 5000 300 "first act of a thread: backtrace, getaddrinfo, printf, pthread_getattr_np"
a_threads_first_act_may_be_anything() { stacks fresh; }

scenario coroutines_wander_between_threads 500 100000 600 "coroutines on 4, 8, 64 KiB of heap, mappings, static memory, resumed by 4 threads, C library's and hand-made switch"
coroutines_wander_between_threads() {
    with=LEAKWATCH_MIN_BYTES=0
    program "$targets/coroutines" "$times"
}
coroutines_wander_between_threads_reported() { report truth "$work/reports"/coroutines.*.json "$work/nothing.out"; }

scenario split_stacks_are_followed 1 100 600 "gcc -fsplit-stack, a block at each of 10,000 levels, two threads"
split_stacks_are_followed() {
    need "$targets/split"
    with=LEAKWATCH_MIN_BYTES=0
    program "$targets/split" "$times"
}
split_stacks_are_followed_reported() { report truth "$work/reports"/split.*.json "$work/nothing.out"; }

scenario luajit_behaves_as_without 1 20 120 "luajit: compiled loops, coroutines, closures"
luajit_behaves_as_without() {
    need luajit
    repeat program luajit -e '
        local function count(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield({i, tostring(i)}) end end) end
        local sum, strings = 0, {}
        for round = 1, 50 do for pair in count(2000) do sum = sum + pair[1]; strings[#strings % 1000 + 1] = pair[2] .. round end end
        print(sum, #strings, #table.concat(strings), pcall(error, "caught"))'
}

scenario code_may_be_made_at_run_time 1 100 60 "code and unwind tables made at run time (__register_frame)"
code_may_be_made_at_run_time() {
    with=LEAKWATCH_MIN_BYTES=0
    repeat program "$targets/moments" registered
}
code_may_be_made_at_run_time_reported() {
    for one in "$work/reports"/moments.*.json; do
        equal "allocations under such code" 2000 "$(report allocations "$one" by_made_code none)"
    done
}
