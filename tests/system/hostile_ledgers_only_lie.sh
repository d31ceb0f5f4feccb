#!/bin/sh
# Whatever a ledger claims, the tool ends in time, with a report or one line, and prints nothing that a terminal
# would obey; JSON stays JSON.
. "$(dirname "$0")/boundary.sh"

for lie in none names long_name cycle far_ids numbers command many_sites; do
    # A million frames of JSON take a sanitized tool a minute.
    [ $lie != many_sites ] || [ -z "${SANITIZED_TOOL:-}" ] || continue
    forge $lie "$work/$lie.lw"
    harmless $lie "$work/$lie.lw"
done
contains "$work/none.txt" "server+0x1100"
contains "$work/names.txt" '\x1b[31m\x1b]0;evil\x07\x0d\x0aforged line'
equal "lines of stacks whose name has newlines" 0 "$(grep -c '^forged line' "$work/names.txt")"

# Names that come from the user's side of the tool.
mkdir "$work/d"
forge none "$work/d/$(printf 'a\033[2Jb\nc')"
harmless path "$work/d/$(printf 'a\033[2Jb\nc')"
