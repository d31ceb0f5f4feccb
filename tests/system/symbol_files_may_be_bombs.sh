#!/bin/sh
# A ledger names the files that names come from. Whatever these claim, the report comes in time and in little memory, at
# worst without their names: compressed sections that swell, symbol tables of 2^32 entries, DWARF that refers to itself.
. "$(dirname "$0")/boundary.sh"
need cc objcopy

cat >"$work/a.c" <<'END'
static inline __attribute__((always_inline)) int inner(int x) { __asm__(".fill 8192, 1, 0x90"); return x * 3; }
int outer(int x) { return inner(x) + 1; }
int main(int argc, char **argv) { (void)argv; return outer(argc); }
END
# 0x1100, which the forged ledger asks for, is inside.
cc -g -O1 -nostartfiles -Wl,-e,main,--build-id=none -o "$work/plain" "$work/a.c"
objcopy --compress-debug-sections=zlib "$work/plain" "$work/packed"

# Files that lie, made from good ones: NAME FROM SECTION.
/usr/bin/python3 - "$work" <<'PYTHON' || fail "no bombs"
import struct, sys, zlib
folder = sys.argv[1]

class Elf:
    def __init__(self, name):
        self.bytes = bytearray(open(f"{folder}/{name}", "rb").read())
        self.table, = struct.unpack_from("<Q", self.bytes, 40)
        size, count, names = struct.unpack_from("<HHH", self.bytes, 58)
        base = self.field(names, 24)
        self.sections = {}
        for i in range(count):
            at = base + struct.unpack_from("<I", self.bytes, self.table + 64 * i)[0]
            self.sections[self.bytes[at:self.bytes.index(0, at)].decode()] = i
    def field(self, section, offset):
        return struct.unpack_from("<Q", self.bytes, self.table + 64 * section + offset)[0]
    def set(self, section, offset, value):
        struct.pack_into("<Q", self.bytes, self.table + 64 * self.sections[section] + offset, value)
    def content(self, section):
        i = self.sections[section]
        return self.field(i, 24), self.field(i, 32)
    def replace(self, section, content):
        self.set(section, 24, len(self.bytes))
        self.set(section, 32, len(content))
        self.bytes += content
    def write(self, name):
        open(f"{folder}/{name}", "wb").write(self.bytes)

for name, claim in ("claims", 1 << 45), ("wraps", (1 << 64) - 8):
    elf = Elf("packed")
    at, _ = elf.content(".debug_info")
    struct.pack_into("<Q", elf.bytes, at + 8, claim)
    elf.write(name)

size, packer = 6 << 30, zlib.compressobj(1) # what some MB swell to
packed = b"".join(packer.compress(bytes(1 << 24)) for _ in range(size >> 24)) + packer.flush()
for section in ".debug_info", ".debug_str", ".debug_line":
    elf = Elf("packed")
    elf.replace(section, struct.pack("<IIQQ", 1, 0, size, 1) + packed)
    elf.set(section, 8, elf.field(elf.sections[section], 8) | 0x800) # SHF_COMPRESSED
    elf.write("swells" + section)

elf = Elf("plain")
elf.set(".symtab", 32, 24 << 32)
elf.write("symbols")
elf = Elf("plain")
at, size = elf.content(".symtab")
for i in range(size // 24): # every symbol is everywhere
    struct.pack_into("<QQ", elf.bytes, at + 24 * i + 8, 0, (1 << 64) - 1)
elf.write("everywhere")

# References of DWARF to places in its own unit (DW_FORM_ref4): all to one, then each to itself.
elf = Elf("plain")
at, size = elf.content(".debug_info")
good = bytes(elf.bytes)
for name, offset in ("one", lambda i: 12), ("itself", lambda i: i), ("beyond", lambda i: 0x7fffffff):
    elf.bytes[:] = good
    for i in range(12, size - 4):
        value, = struct.unpack_from("<I", good, at + i)
        if 12 <= value < size:
            struct.pack_into("<I", elf.bytes, at + i, offset(i))
    elf.write("refers_to_" + name)
PYTHON

for bomb in plain packed claims wraps swells.debug_info swells.debug_str swells.debug_line symbols everywhere \
    refers_to_one refers_to_itself refers_to_beyond; do
    [ -e "$work/$bomb" ] || fail "no $bomb"
    touch -d 2000-01-01 "$work/$bomb" # not changed since it was loaded
    forge "module:$work/$bomb" "$work/$bomb.lw"
    harmless "$bomb" "$work/$bomb.lw"
    rm -f "$work/$bomb"
done
contains "$work/plain.txt" "inner"
contains "$work/packed.txt" "inner"
