"""Under what each workload is run: leakwatch, its peers, and a library that only forwards."""

import glob
import os
import subprocess

LIB = "/usr/lib/x86_64-linux-gnu"


class Recorder:
    """base: what its times are divided by; env and prefix make a command run under it"""

    def __init__(self, name, env=None, prefix=(), base="native", only=None, needs=None):
        self.name, self.env, self.prefix, self.base, self.only = name, env or {}, list(prefix), base, only
        self.missing = needs is not None and not os.path.exists(needs)


def gcc_library(name):
    path = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True).stdout.strip()
    return os.path.realpath(path)


def recorders(build, folder):
    ours = f"{build}/libleakwatch.so"
    ledger = {"LD_PRELOAD": ours, "LEAKWATCH_OUTPUT": "none"}
    heaptrack = "/usr/lib/heaptrack/libheaptrack_preload.so"
    lsan, jemalloc, tcmalloc = gcc_library("liblsan.so"), f"{LIB}/libjemalloc.so.2", f"{LIB}/libtcmalloc.so.4"
    return [
        Recorder("native"),
        Recorder("leakwatch", ledger),
        Recorder("leakwatch 512k", {**ledger, "LEAKWATCH_SAMPLE": "512k"}),
        Recorder("heaptrack", {"LD_PRELOAD": heaptrack, "DUMP_HEAPTRACK_OUTPUT": f"{folder}/heaptrack.raw"},
                 needs=heaptrack),
        Recorder("LeakSanitizer", {"LD_PRELOAD": lsan, "LSAN_OPTIONS": "detect_leaks=0"}, needs=lsan),
        Recorder("nop", {"LD_PRELOAD": f"{build}/bench/nop.so"}),
        Recorder("tcmalloc", {"LD_PRELOAD": tcmalloc}, needs=tcmalloc),
        Recorder("tcmalloc exact", {"LD_PRELOAD": tcmalloc, "HEAPPROFILE": f"{folder}/tcmalloc"}, base="tcmalloc",
                 needs=tcmalloc),
        Recorder("tcmalloc 512k", {"LD_PRELOAD": tcmalloc, "TCMALLOC_SAMPLE_PARAMETER": "524288"},
                 base="tcmalloc", needs=tcmalloc),
        Recorder("jemalloc", {"LD_PRELOAD": jemalloc}, needs=jemalloc),
        Recorder("jemalloc 512k", {"LD_PRELOAD": jemalloc, "MALLOC_CONF": "prof:true,lg_prof_sample:19"},
                 base="jemalloc", needs=jemalloc),
        Recorder("massif", prefix=["valgrind", "--tool=massif", f"--massif-out-file={folder}/massif"],
                 only="git log --stat", needs="/usr/bin/valgrind"),
    ]  # fmt: skip


def clean(folder):
    """What recorders wrote; never the workloads' own files."""
    for pattern in ("heaptrack.raw*", "tcmalloc*", "massif*"):
        for path in glob.glob(f"{folder}/{pattern}"):
            os.unlink(path)
