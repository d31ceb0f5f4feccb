#!/bin/sh
# A first run under umask 0777, by a user without powers: the folder and the ledger are its owner's all the same.
. "$(dirname "$0")/lib.sh"

need setpriv unshare
unshare -m mount -t tmpfs none /dev/shm 2>/dev/null || skip "no mount namespaces for us here"
chmod 755 "$work"
# shellcheck disable=SC2016 # the inner shell expands these
unshare -m sh -c 'mount -t tmpfs -o mode=1777 none /dev/shm
    cp "$1" "$2" "$3" /dev/shm
    chmod 755 /dev/shm/*
    umask 0777
    cd /dev/shm
    exec setpriv --reuid 65534 --regid 65534 --clear-groups env LEAKWATCH_TOOL=/dev/shm/leakwatch \
        LD_PRELOAD=/dev/shm/libleakwatch.so ./ends exit' - "$library" "$tool" "$targets/ends" \
    >"$work/out" 2>"$work/err" || status=$?
equal "exit status" 22 "$status"
contains "$work/err" "ended: exit 22"
