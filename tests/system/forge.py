#!/usr/bin/python3
"""Ledgers that lie, for the tests of the tool: a small sound one, and one lie.

    forge.py LIE FILE      writes a ledger; the lies are the functions below whose names begin with lie_

The layout is src/ledger/layout.h's.
"""
import struct
import sys

MODULES, TEXT, OWNERS, NODES, SITES, HISTORIES, BLOCKS = range(7)
ITEMS = [56, 1, 4, 16, 64, 504, 16384]
HEADER = 4096
NAMES = "\x1b[31m\x1b]0;evil\x07\r\nforged line\u202e\u2028%n%s <script>&\" "


class Ledger:
    """A process of one minute with one site of a GiB, whose stack is two frames in one module."""

    def __init__(self, module=b"/bin/true", sites=2, nodes=3):
        self.text = bytearray(b"\0")
        self.capacity = [8, 1 << 20, 4, max(nodes, 64), max(sites, 64), 4, 2]
        self.used = [2, 0, 2, nodes, sites, 1, 2]
        self.module = self.put(module)
        self.command = self.put(b"server")
        self.text += b"\0"
        self.executable = self.put(module)
        self.program = b"server"
        self.nodes = [(0, 0), (0, 1 << 50 | 0x1000), (1, 1 << 50 | 0x1100)]
        self.sites = [(0, 0, 0), (2, 1 << 30, 1 << 20)]  # node, bytes, blocks
        self.build_id = b""
        self.peak = 1 << 30
        self.started_ns = 1700000000 * 10**9
        self.pid = 4194305  # one more than Linux gives out
        self.root_pid = None  # itself
        self.min_bytes = 65536
        self.updated_ms = 60000

    def put(self, text):
        at = len(self.text)
        self.text += text + b"\0"
        return at

    def write(self, out):
        """What nothing was put into is a hole of the file."""
        self.used[TEXT] = len(self.text)
        offsets, at = [], HEADER
        for area in range(7):
            offsets.append(at)
            at += (ITEMS[area] * self.capacity[area] + 4095) // 4096 * 4096
        out.truncate(at)

        def put(where, piece):
            out.seek(where)
            out.write(piece)

        head = struct.pack("<8sIIQ", b"leakwtch", 1, HEADER, at)
        for area in range(7):
            head += struct.pack("<QQIIQ", offsets[area], self.capacity[area], ITEMS[area], 0, self.used[area])
        head += struct.pack("<IIIIQQQ", self.pid, 1, self.root_pid or self.pid, 0, 12345, self.started_ns, 0)
        head += struct.pack("<64sIIIIQ", self.program[:64], self.command, self.executable, self.executable, 0, 0)
        head += struct.pack("<QQQQIIII16s", 0, self.min_bytes, 1000, 0, 128, 0, 1, 0, b"0.1.0")
        head += struct.pack("<QQIIQQQqqQIIII", self.updated_ms, 60001, 1, 0, 60000, 0, 0, 0, self.peak, 1, 0, 0, 0, 0)
        put(0, head)
        m = struct.pack("<QQQII20sBBBB", 0, 0, 1 << 30, self.module, 0, self.build_id, len(self.build_id), 0, 0, 0)
        put(offsets[MODULES] + 56, m)
        put(offsets[TEXT], self.text)
        for i, (parent, where) in enumerate(self.nodes):
            put(offsets[NODES] + 16 * i, struct.pack("<IIQ", parent, 0, where))
        for i, (node, size, blocks) in enumerate(self.sites):
            site = struct.pack("<IIQQQQQIIIB", node, 0, 0, 0, blocks, size, size, 0, 0, 0, 0)
            put(offsets[SITES] + 64 * i, site)


def lie_none():
    return Ledger()


def lie_names():
    """Names that a terminal would obey, in every place that has one."""
    evil = NAMES.encode() + b"\xff\xfe\xc0\x80\xed\xa0\x80"
    ledger = Ledger(module=b"/nowhere/" + evil)
    ledger.program = evil[:63]
    ledger.command = ledger.put(evil)
    ledger.text += b"\0"
    return ledger


def lie_long_name():
    return Ledger(module=b"/nowhere/" + b"../" * 1300 + b"x" * 100)


def lie_cycle():
    ledger = Ledger()
    ledger.nodes[1] = (2, 1 << 50 | 0x1000)
    return ledger


def lie_far_ids():
    ledger = Ledger()
    ledger.nodes[1] = (0xFFFFFFFF, 0x3FFF << 50 | 0x1000)
    ledger.sites.append((0xFFFFFFFF, 1 << 40, 1))
    ledger.used[SITES] = 3
    ledger.command = ledger.executable = 0xFFFFFFFF
    return ledger


def lie_numbers():
    """Sums that overflow, more freed than there was, times at the end of all clocks."""
    ledger = Ledger()
    ledger.sites[1] = (2, (1 << 64) - 1, (1 << 64) - 1)
    ledger.sites.append((2, (1 << 64) - 1, (1 << 64) - 1))
    ledger.used[SITES] = 3
    ledger.peak = -1
    ledger.started_ns = (1 << 64) - 1
    ledger.updated_ms = (1 << 64) - 1
    ledger.min_bytes = (1 << 64) - 1
    return ledger


def lie_command():
    """A command of a million empty-looking arguments."""
    ledger = Ledger()
    ledger.command = len(ledger.text)
    ledger.text += b"a\0" * 500000
    return ledger


def lie_words():
    """Thirteen thousand arguments, and room behind them for one that never ends."""
    ledger = Ledger()
    ledger.command = len(ledger.text)
    ledger.text += b"word\0" * 13000 + bytes(1000)
    return ledger


def lie_many_sites():
    """Each of the sites has a stack without an end."""
    ledger = lie_cycle()
    ledger.sites = [(2, 1 << 30, 1)] * 20000
    ledger.capacity[SITES] = ledger.used[SITES] = 20000
    return ledger


def lie_holes():
    """A child of lie_none's process, of whose million sites none is in the file: they are a hole."""
    ledger = Ledger()
    ledger.root_pid = ledger.pid
    ledger.pid += 1
    ledger.sites = []
    ledger.capacity[SITES] = ledger.used[SITES] = 1 << 20
    return ledger


def lie_giant():
    """More sites than there is memory for their sums."""
    ledger = lie_holes()
    ledger.pid += 1
    ledger.capacity[SITES] = ledger.used[SITES] = 1 << 28
    return ledger


def pid_lie(pid):
    ledger = Ledger()
    ledger.pid = pid
    return ledger


def module_lie(path, build_id=b""):
    ledger = Ledger(module=path.encode())
    ledger.build_id = build_id
    return ledger


def jit_lie(pid):
    ledger = Ledger()
    ledger.pid = pid
    ledger.nodes[2] = (0, 0x1100)
    return ledger


def made(lie):
    kind, colon, rest = lie.partition(":")
    if colon:  # module:FILE, jit:PID (code without a module), pid:PID
        return {"module": module_lie, "jit": jit_lie, "pid": pid_lie}[kind](rest if kind == "module" else int(rest))
    return globals()["lie_" + lie]()


if __name__ == "__main__":
    with open(sys.argv[2], "wb") as file:
        made(sys.argv[1]).write(file)
