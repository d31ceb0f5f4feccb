#!/bin/sh
# list and list --prune in a folder with everything that is no ledger, or somebody else's.
. "$(dirname "$0")/boundary.sh"

export TMPDIR="$work"
folder=$work/leakwatch-$(id -u)
mkdir -m 700 "$folder"
forge names "$folder/dead.lw"
forge none "$work/elsewhere"
ln -s "$work/elsewhere" "$folder/link.lw"
mkdir "$folder/folder.lw"
mkfifo "$folder/fifo.lw"
echo "my thesis" >"$folder/thesis.lw"
forge none "$folder/no_ledger_by_name"
if [ "$(id -u)" = 0 ]; then
    forge none "$folder/theirs.lw"
    chown 64124 "$folder/theirs.lw"
fi
timeout 30 "$tool" list >"$work/list" 2>"$work/err" || fail "list"
plain "$work/list"
contains "$work/list" "$folder/dead.lw"
timeout 30 "$tool" list --prune >"$work/prune" 2>"$work/err" || fail "prune"
[ ! -e "$folder/dead.lw" ] || fail "the dead ledger is still there"
for kept in "$work/elsewhere" "$folder/link.lw" "$folder/folder.lw" "$folder/fifo.lw" "$folder/thesis.lw" \
    "$folder/no_ledger_by_name"; do
    [ -e "$kept" ] || fail "$kept was removed"
done
[ "$(id -u)" != 0 ] || [ -e "$folder/theirs.lw" ] || fail "another user's file was removed"

# A folder that others may write to, or a link to one, is nobody's.
chmod 777 "$folder"
forge none "$folder/dead.lw"
timeout 30 "$tool" list --prune >"$work/prune" 2>"$work/err" || fail "prune of an open folder"
[ -e "$folder/dead.lw" ] || fail "a ledger was removed from a folder that is open to all"
