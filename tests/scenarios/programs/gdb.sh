# gdb: breakpoint, expression, symbols.
# shellcheck shell=sh

gdb -nx -batch -ex 'break main' -ex 'print 6*7' -ex 'list allocate' -ex 'info functions allocate' "$LEAKWATCH_BUILD/targets/ends"
