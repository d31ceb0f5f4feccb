#!/bin/sh
# Another user has prepared the folder that ledgers go to: as a link, a file, a fifo, a folder of his or one that all
# may write to. The program runs as ever, nothing goes there, and the next place is taken. What is made is for its
# user alone, whatever the umask.
. "$(dirname "$0")/boundary.sh"
[ "$(id -u)" = 0 ] || skip "needs root, to be two users"
need setpriv

victim=64123
other=64124
chmod 755 "$work"
as() { # USER COMMAND...
    user=$1
    shift
    setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
}
as $victim test -x "$targets/state" -a -r "$library" || skip "the build folder is closed to other users"
place=/dev/shm/leakwatch-$victim
trap 'rm -rf "$place"; finish' EXIT
mkdir "$work/tmp" "$work/theirs"
chmod 1777 "$work/tmp"
chown $other "$work/theirs"
chmod 777 "$work/theirs"

# prepared WHAT: nothing may appear in the prepared place, and the report (LEAKWATCH_VERBOSE tells) is elsewhere.
prepared() {
    status=0
    as $victim timeout 30 env LD_PRELOAD="$library" TMPDIR="$work/tmp" LEAKWATCH_VERBOSE=1 LEAKWATCH_OUTPUT=none \
        "$targets/state" --seconds 0.2 >"$work/out" 2>"$work/err" || status=$?
    equal "status with $1" 0 "$status"
    equal "files in $1" "" "$(ls -A "$work/theirs")"
    contains "$work/err" "$work/tmp/leakwatch-$victim/"
    equal "mode of the folder made beside $1" 700 "$(stat -c %a "$work/tmp/leakwatch-$victim")"
    rm -rf "$place" "$work/tmp/leakwatch-$victim"
}
rm -rf "$place"
as $other ln -s "$work/theirs" "$place" && prepared "a symbolic link"
as $other mkfifo "$place" && prepared "a fifo"
as $other touch "$place" && prepared "a file"
as $other mkdir -m 777 "$place" && prepared "a folder of another user"
as $victim mkdir -m 777 "$place" && prepared "a folder open to all"

# Modes.
for mask in 0000 0077 0777; do
    (
        umask $mask
        LEAKWATCH_CHILDREN=none as $victim timeout 30 env LD_PRELOAD="$library" LEAKWATCH_OUTPUT=none \
            sh -c 'kill -KILL $$' || true
    ) >"$work/out" 2>&1
    equal "mode of the folder under umask $mask" 700 "$(stat -c %a "$place")"
    equal "mode of the ledger under umask $mask" 600 "$(stat -c %a "$place"/*.lw)"
    rm -rf "$place"
done
