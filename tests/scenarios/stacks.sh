# Stacks: wherever the stack pointer points, whatever lies there, nothing is read that the program may not read.
# shellcheck shell=sh disable=SC2034,SC2154 # the variables of run

# $times thousand stacks, on the main thread and on another.
scenario wild_stacks_are_read_with_care 5 1000 900 "random stacks between forbidden pages, registers that point anywhere, wrong unwind tables, JIT code"
wild_stacks_are_read_with_care() {
    program "$targets/wild_stacks" --rounds "${times}000"
    program "$targets/wild_stacks" --rounds "${times}000" --thread
}
