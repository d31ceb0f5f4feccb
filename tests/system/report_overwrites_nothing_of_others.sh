#!/bin/sh
# Where the report is to go somebody has laid a link, a pipe, a file of his: one line says so, nothing is written
# there, nothing is waited for; and at exit the report comes on stderr.
. "$(dirname "$0")/boundary.sh"

forge none "$work/good.lw"
# refused TEXT: writing to $work/place fails with these words, also at exit, where the report comes nevertheless.
refused() {
    status=0
    timeout -k 5 20 "$tool" report --output "$work/place" "$work/good.lw" >"$work/out" 2>"$work/err" || status=$?
    equal "status: $1" 1 "$status"
    equal "lines: $1" 1 "$(wc -l <"$work/err")"
    contains "$work/err" "$1"
    LEAKWATCH_OUTPUT="$work/place" at_exit "$1" "$work/good.lw"
    contains "$work/err" "Not seen:"
    rm -rf "$work/place"
}
echo precious >"$work/precious"
ln -s "$work/precious" "$work/place" && refused "symbolic link"
ln "$work/precious" "$work/place" && refused "other names"
mkfifo "$work/place" && refused "nobody reads"
mkdir "$work/place" && refused "Is a directory"
ln -s /dev/full "$work/place" && refused "symbolic link"
if [ "$(id -u)" = 0 ]; then
    touch "$work/place"
    chown 64124 "$work/place"
    refused "belongs to another user"
fi
equal "the precious file" precious "$(cat "$work/precious")"

# In /dev/shm, too.
ln -s "$work/precious" "/dev/shm/leakwatch-test.$$"
status=0
"$tool" report --output "/dev/shm/leakwatch-test.$$" "$work/good.lw" 2>"$work/err" || status=$?
rm "/dev/shm/leakwatch-test.$$"
equal "status of a link in /dev/shm" 1 "$status"
equal "the precious file" precious "$(cat "$work/precious")"

# What is right stays right: an older report gives way wholly, a pipe that is read gets all, and so does /dev/stdout.
head -c 1000000 /dev/zero >"$work/old"
"$tool" report --output "$work/old" "$work/good.lw"
"$tool" report "$work/good.lw" >"$work/report"
same "the report over an old file" "$work/report" "$work/old"
mkfifo "$work/pipe"
cat "$work/pipe" >"$work/read" &
sleep 0.2
timeout 20 "$tool" report --output "$work/pipe" "$work/good.lw"
wait $!
same "the report through a pipe" "$work/report" "$work/read"
"$tool" report --output /dev/stdout "$work/good.lw" | cat >"$work/read"
same "the report to /dev/stdout" "$work/report" "$work/read"
