#!/bin/sh
# A ledger in the folder that kills whoever reads it (a hole that the full file system cannot fill: SIGBUS) or that
# claims more than there is memory for: list, and the report of its parent, go on without it; it is not removed
# unseen.
if [ "${BROKEN_IN_PRIVATE:-}" != yes ]; then
    unshare --user --map-root-user --mount true 2>/dev/null || {
        echo "skipped: no private mounts (unshare) on this machine"
        exit 77
    }
    BROKEN_IN_PRIVATE=yes exec unshare --user --map-root-user --mount "$0"
fi
mount -t tmpfs tmpfs /dev/shm || exit 77
unset XDG_RUNTIME_DIR
. "$(dirname "$0")/boundary.sh"

folder=/dev/shm/leakwatch-$(id -u)
mkdir -m 700 "$folder"
mount -t tmpfs -o size=4m,mode=700 tmpfs "$folder"
export TMPDIR="$work"
forge none "$work/parent.lw"
cp --sparse=never "$work/parent.lw" "$folder/parent.lw"
forge holes "$folder/holes.lw"
# A sanitized tool has no limit of memory (apart.c).
broken=holes
if [ -z "${SANITIZED_TOOL:-}" ]; then
    broken="holes giant"
    forge giant "$folder/giant.lw"
fi
head -c 8m /dev/zero >"$folder/rest" 2>"$work/full" || true

for round in 1 2; do
    timeout 60 "$tool" list >"$work/list" 2>"$work/err" || fail "list $round: $? $(cat "$work/err")"
    equal "lines of list" $(($(echo "$broken" | wc -w) + 2)) "$(wc -l <"$work/list")"
    grep -Eq '^ended +4194305 .* 1\.0 GiB .*parent\.lw$' "$work/list" || fail "the good row: $(cat "$work/list")"
    for bad in $broken; do
        grep -Eq " [?] +[?] .*$bad\.lw$" "$work/list" || fail "the row of $bad: $(cat "$work/list")"
    done
done
harmless parent "$folder/parent.lw"
contains "$work/parent.txt" "server+0x1100"
equal "children of which the report knows" "$(echo "$broken" | wc -w)" \
    "$(report value "$work/parent.json" process.children | grep -o "'pid'" | wc -l)"
for bad in $broken; do
    status=0
    timeout 60 "$tool" report "$folder/$bad.lw" >"$work/out" 2>"$work/err" || status=$?
    equal "status of a report of $bad" 1 "$status"
    equal "lines about $bad" 1 "$(wc -l <"$work/err")"
done
at_exit "a parent of broken ledgers" "$folder/parent.lw"
for kept in $broken; do
    [ -e "$folder/$kept.lw" ] || fail "$kept was removed unseen"
done
