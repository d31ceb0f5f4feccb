#!/bin/sh
# The process that a ledger is about writes to it while it is read, and may be hostile by then: strings grow and
# shrink between two looks, areas move, the file is cut. The tool reports or says one line.
. "$(dirname "$0")/boundary.sh"

# While strings change, nothing is wrong with the file: there is a report with names, each time.
forge words "$work/words.lw"
/usr/bin/python3 - "$work/words.lw" <<'PYTHON' &
import mmap, sys
with open(sys.argv[1], "r+b") as file, mmap.mmap(file.fileno(), 0) as m:
    at = m.find(b"word\0word\0")
    size = 65000
    words, one = m[at : at + size], b"x" * size
    while True:
        m[at : at + size] = one
        m[at : at + size] = words
PYTHON
writer=$!
running="$running $writer"
for i in 1 2 3 4 5 6; do
    harmless "words$i" "$work/words.lw"
    equal "status of words$i" 0 "$status"
    equal "complaints about words$i" "" "$(cat "$work/words$i.err")"
done
kill $writer

forge names "$work/good.lw"
cp "$work/good.lw" "$work/moving.lw"
/usr/bin/python3 - "$work/moving.lw" "$work/good.lw" <<'PYTHON' &
import mmap, random, sys, time
good = open(sys.argv[2], "rb").read()
file = open(sys.argv[1], "r+b")
while True:
    file.truncate(len(good))
    with mmap.mmap(file.fileno(), 0) as m:
        m[:] = good
        for _ in range(200):
            at = random.choice((24, 264, 8192, 8193, 8300, 4096 + 56 + 52)) + random.randrange(64)
            m[at] = random.randrange(256)
            where = random.randrange(4096, 12288)
            m[where] = 65
            m[where] = good[where]
    if random.random() < 0.3:
        file.truncate(random.randrange(len(good)))
        time.sleep(0.001)
PYTHON
running="$running $!"
for i in 1 2 3 4 5 6 7 8 9 10; do
    harmless "moving$i" "$work/moving.lw"
done
