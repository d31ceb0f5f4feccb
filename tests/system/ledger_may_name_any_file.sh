#!/bin/sh
# A ledger names the files that symbols are read from, and may name any: only regular files are ever opened, none is
# waited for, and what is no ELF file costs its names and nothing else.
. "$(dirname "$0")/boundary.sh"

# named FILE: the report of a ledger whose module is this file.
named() {
    forge "module:$1" "$work/named.lw"
    harmless named "$work/named.lw"
    contains "$work/named.txt" "leakwatch: "
}

# A writer waits at the fifo: the smallest look into it would wake him.
mkfifo "$work/fifo"
{
    : >"$work/fifo"
    echo woken >"$work/woken"
} 2>/dev/null &
running="$running $!"
named "$work/fifo"
sleep 0.2
[ ! -e "$work/woken" ] || fail "the fifo was opened"

named /dev/zero
named /dev/tty
named /proc/self/mem
named /proc/kmsg
named "$work"
named "$work/nothing/../../../../etc/passwd"
: >"$work/empty"
named "$work/empty"
truncate -s 1T "$work/sparse"
named "$work/sparse"
printf '\177ELF\002\001\001' >"$work/elf"
head -c 4096 /dev/urandom >>"$work/elf"
named "$work/elf"

# A program of which each part in turn is broken.
cp "$targets/state" "$work/program"
touch -d 2000-01-01 "$work/program"
/usr/bin/python3 - "$work/program" "$work" <<'PYTHON'
import random, struct, sys
good = open(sys.argv[1], "rb").read()
seed = random.randrange(1 << 30)
print("seed", seed)
random.seed(seed)
shoff, = struct.unpack_from("<Q", good, 40)
shnum, = struct.unpack_from("<H", good, 60)
for i in range(16):
    bad = bytearray(good)
    if i < 8:  # section headers with values beyond everything
        for s in range(shnum):
            struct.pack_into("<Q", bad, shoff + 64 * s + 8 * random.randrange(2, 8), (1 << 64) - 1 - i)
    else:  # any bytes
        for _ in range(2000):
            bad[random.randrange(64, len(bad))] = random.randrange(256)
    open("%s/bad%d" % (sys.argv[2], i), "wb").write(bad)
PYTHON
for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    touch -d 2000-01-01 "$work/bad$i"
    named "$work/bad$i"
done
