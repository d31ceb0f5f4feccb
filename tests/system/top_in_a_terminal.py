#!/usr/bin/env python3
"""Drives `leakwatch top` as a person would: keys, sizes, the end of its program. TOOL LEDGER PID"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

import pyte

tool, ledger, program = sys.argv[1], sys.argv[2], int(sys.argv[3])


class Terminal:
    """A terminal emulator with the tool in it."""

    def __init__(self, columns, rows, **environment):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.bytes = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            for name in ("COLUMNS", "LINES"):
                os.environ.pop(name, None)
            os.environ.update({"TERM": "linux", "LC_ALL": "C.UTF-8", **environment})
            time.sleep(0.2)  # until the size is set
            os.execv(tool, [tool, "top", ledger])
        self.resize(columns, rows)

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                break
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.bytes += data
            self.stream.feed(data)
        return True

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def wait(self, what, condition, seconds=20):
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                sys.exit(f"FAILED: {what}; on the screen:\n" + "\n".join(self.lines()))
            self.read(0.1)

    def shows(self, text, seconds=20):
        self.wait(f"'{text}' never came", lambda: text in "\n".join(self.lines()), seconds)

    def hides(self, text, seconds=20):
        self.wait(f"'{text}' stayed", lambda: text not in "\n".join(self.lines()), seconds)

    def status(self):
        while self.read(1):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def equal(what, expected, actual):
    if expected != actual:
        sys.exit(f"FAILED: {what}: expected {expected!r}, got {actual!r}")


def keys_do_what_they_say():
    t = Terminal(80, 24)
    t.shows("remember cache.h:")
    t.shows("█")
    t.shows("stack of the selected site")
    t.shows("memoize")
    t.shows("q quit")
    equal("last line", True, t.lines()[23].startswith("q quit"))
    equal("bytes of the name that a terminal obeys", False, b"\x1b]0;owned" in t.bytes)

    clock = t.lines()[0]
    t.wait("the picture moves", lambda: t.lines()[0] != clock)
    t.press(" ")
    t.shows("FROZEN")
    clock = t.lines()[0]
    t.read(2.5)
    equal("a frozen picture", clock, t.lines()[0])
    t.press(" ")
    t.hides("FROZEN")
    t.wait("the picture moves again", lambda: t.lines()[0] != clock.replace("  FROZEN", ""))

    t.press("/filedoalloc")
    t.shows("filter: filedoalloc_")
    t.hides("remember")
    t.press("\r")
    t.shows("1 shown")
    t.press("/zzz\r")
    t.shows("no site matches")
    t.press("\x1b")
    t.shows("remember")

    for key, order in zip("lrbng", ("live", "rate", "blocks", "name", "growth")):
        t.press(key)
        t.shows(f"by {order},")
    t.press("?")
    t.shows("freeze the picture")
    t.press("?")
    t.hides("freeze the picture")
    rows = [line for line in t.lines() if "_IO_file_doallocate" in line]
    equal("stack of another site yet", 1, len(rows))
    t.press("jjj")
    t.wait("the last site's stack", lambda: sum("_IO_file_doallocate" in line for line in t.lines()) == 2)

    for columns, rows in ((132, 50), (40, 10), (20, 5), (1, 1), (300, 100), (80, 24)):
        t.resize(columns, rows)
        t.read(1.5)
        if columns >= 40:
            t.shows("q quit")
            equal(f"last line at {columns}x{rows}", True, t.lines()[rows - 1].startswith("q quit"))
    t.shows("remember")
    t.press("q")
    equal("status after q", 0, t.status())


def without_utf8():
    t = Terminal(80, 24, LC_ALL="C")
    t.shows("remember")
    t.wait("an ASCII curve", lambda: any("#" in line for line in t.lines()))
    equal("bytes beyond ASCII", b"", bytes(byte for byte in t.bytes if byte > 0x7F))
    t.press("q")
    equal("status after q", 0, t.status())


def unknown_terminal():
    t = Terminal(80, 24, TERM="no-such-terminal")
    equal("status", 1, t.status())
    equal("word about it", True, b"--once" in t.bytes)


def its_program_ends():
    t = Terminal(100, 30)
    t.shows("remember")
    os.kill(program, signal.SIGKILL)
    t.shows("ended: killed")
    equal("status at its end", 0, t.status())
    equal("the last word", True, f"(pid {program}) has ended: killed".encode() in t.bytes)
    equal("the last picture stays", True, b"remember" in t.bytes[t.bytes.rfind(b"leakwatch top") :])


keys_do_what_they_say()
without_utf8()
unknown_terminal()
its_program_ends()
