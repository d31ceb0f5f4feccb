# gdb: a program is started, stopped, called into, and let go; gdb and the program are both preloaded.
# shellcheck shell=sh

gdb -nx -batch -iex 'set startup-with-shell off' -iex 'set auto-load off' -ex 'break strlen' -ex 'run >/dev/null' -ex 'delete' -ex 'tbreak exit' -ex 'continue' \
    -ex 'print (int)getpid() > 0' -ex 'print ((char *(*)(int))malloc)(100) != 0' -ex 'continue' --args "$LEAKWATCH_BUILD/targets/conformance" 2>&1 |
    grep -E '^\$|exited' | sed 's/process [0-9]*/process -/'
