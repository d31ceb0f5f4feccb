#!/bin/sh
# leakwatch list tells running from killed; --prune removes the dead only.
#
# Pruning takes every dead ledger of the user, so this test has a /dev/shm of its own.
if [ "${LISTING_IN_PRIVATE:-}" != yes ]; then
    unshare --user --map-root-user --mount true 2>/dev/null || {
        echo "skipped: no private mounts (unshare) on this machine"
        exit 77
    }
    LISTING_IN_PRIVATE=yes exec unshare --user --map-root-user --mount "$0"
fi
mount -t tmpfs tmpfs /dev/shm || exit 77
unset XDG_RUNTIME_DIR
. "$(dirname "$0")/lib.sh"
[ ! -e "/tmp/leakwatch-$(id -u)" ] || mount -t tmpfs -o mode=0700 tmpfs "/tmp/leakwatch-$(id -u)"

LD_PRELOAD=$library "$targets/array" --seconds 60 >"$work/out" &
killed=$!
LD_PRELOAD=$library "$targets/array" --seconds 60 >"$work/out2" &
alive=$!
running="$killed $alive"
wait_for "$work/out" truth
wait_for "$work/out2" truth
sleep 1
kill -KILL $killed
wait $killed || true
"$tool" list >"$work/list"
equal "lines" 3 "$(wc -l <"$work/list")"
grep -q "^killed  *$killed " "$work/list" || fail "killed: $(cat "$work/list")"
grep -q "^running  *$alive " "$work/list" || fail "running: $(cat "$work/list")"
contains "$work/list" "array.$alive."

# A symbolic link in the folder, or a file that is no ledger, is none of ours.
folder=/dev/shm/leakwatch-$(id -u)
ln -s /etc/passwd "$folder/link.1.1.lw"
echo "no ledger" >"$folder/junk.1.1.lw"
equal "pruned" "removed 1 of 2 ledgers" "$("$tool" list --prune)"
[ -e "$folder/junk.1.1.lw" ] || fail "removed what is no ledger"
[ -L "$folder/link.1.1.lw" ] || fail "removed a symbolic link"
"$tool" list >"$work/list"
equal "lines" 2 "$(wc -l <"$work/list")"
grep -q "^running  *$alive " "$work/list" || fail "pruned a living one"

# The newest is what `report` means without an argument.
"$tool" report >"$work/report"
contains "$work/report" "pid $alive"

# A folder that others could write into is not looked at.
chmod 0777 "$folder"
equal "lists nothing" "" "$("$tool" list)"
