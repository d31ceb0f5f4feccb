"""What is measured: each workload a command, or a server with its client. Natively they take some seconds each."""

import os
import shutil
import subprocess
import sys

PYTHON = "/usr/bin/python3"

JSON = """
import json
rows = [{"id": i, "name": "name %%d" %% i, "tags": ["a%%d" %% (i %% 7), "b"], "score": i * 0.5} for i in range(%d)]
for turn in range(8):
    rows = json.loads(json.dumps(rows))
"""

PERL = 'for my $r (1..%d) { my %%h; $h{"key $_"} = "value $_" x 3 for 1..100000; my $s = join ",", values %%h }'

SQLITE = """
create table t(a, b); create index i on t(b);
with recursive c(n) as (select 1 union all select n + 1 from c where n < %d)
    insert into t select n, hex(n * 7919 %% 1000003) from c;
select count(*), sum(length(b)) from t; select count(distinct substr(b, 1, 3)) from t;
"""

NODE = """
const kept = [];
for (let i = 0; i < %d; i++) {
    const b = Buffer.alloc(512 + (i * 7919) %% 20000, i & 255);
    kept[i %% 500] = b;
    if (i %% 100 === 0) require("zlib").deflateSync(b);
}
console.log(kept.length);
"""

HEAVY = """
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>
template <int N> struct numbered {
    std::map<std::string, std::vector<std::variant<int, std::string, double>>> all;
    std::regex pattern{"([a-z]+)" + std::to_string(N)};
    void add(const std::string &s)
    {
        std::smatch m;
        if (std::regex_match(s, m, pattern))
            all[m[1]].emplace_back(N);
        std::sort(all[s].begin(), all[s].end());
    }
};
template <int N> void use(const std::string &s)
{
    numbered<N> n;
    n.add(s);
    std::function<void()> f = [n] { std::cout << n.all.size(); };
    f();
    if constexpr (N > 0)
        use<N - 1>(s);
}
int main(int argc, char **argv) { use<%d>(argv[argc - 1]); }
"""


class Workload:
    """calls: True if what it allocates can be counted; server: command of a server that the client is run against"""

    def __init__(self, name, command, server=None, env=None, times=1, needs=(), base="native"):
        self.name, self.command, self.server, self.times = name, command, server, times
        self.env = env or {}
        self.missing = [n for n in (*needs, command[0]) if not (shutil.which(n) or os.path.exists(n))]


def history(folder, commits):
    """A repository with so many commits, each of three files, made by git fast-import."""
    path = f"{folder}/repository"
    if os.path.exists(path):
        return path
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", path], check=True)
    stream, mark = [], 0
    for i in range(commits):
        stream.append(
            f"commit refs/heads/main\ncommitter a <a@b> {1700000000 + i} +0000\ndata 8\nchange x\n"
        )
        for name in range(3):
            text = "".join(f"line {j * (i + name) % 1009}\n" for j in range(200))
            stream.append(f"M 644 inline folder{(i + name) % 20}/file{(i * 7 + name) % 50}\ndata {len(text)}\n{text}\n")
    subprocess.run(
        ["git", "-C", path, "fast-import", "--quiet", "--force"], input="".join(stream).encode(), check=True
    )
    return path


def heavy(folder, size):
    """A preprocessed C++ file, so that cc1plus alone is measured."""
    source, result = f"{folder}/heavy.cpp", f"{folder}/heavy.ii"
    if not os.path.exists(result):
        with open(source, "w") as file:
            file.write(HEAVY.replace("%d", str(size)))
        subprocess.run(["g++", "-std=c++17", "-E", source, "-o", result], check=True)
    return result


def program(name):
    return subprocess.run(["g++", f"-print-prog-name={name}"], capture_output=True, text=True).stdout.strip()


def workloads(build, folder, scale):
    """scale: 1 for the figures, less for a quick look."""
    work = f"{build}/bench/work"

    def loop(name, *arguments):
        *words, count = arguments
        return Workload(name, [work, *words, str(int(count * scale))])

    def many(name, command):
        return Workload(name, command, times=max(20, int(400 * scale)))

    port = str(20000 + os.getpid() % 10000)
    return [
        loop("malloc/free, 5 calls deep", "pairs", "4", 60e6),
        loop("malloc/free, 10 deep", "pairs", "9", 60e6),
        loop("malloc/free, 20 deep", "pairs", "19", 60e6),
        loop("malloc/free, 40 deep", "pairs", "39", 60e6),
        loop("malloc/free, 100 deep", "pairs", "99", 60e6),
        loop("larson, 1 thread", "larson", "1", 60e6),
        loop("larson, 2 threads", "larson", "2", 60e6),
        loop("larson, 8 threads", "larson", "8", 15e6),
        loop("realloc growth", "realloc", 10e6),
        loop("500 MiB live", "live", 500),
        Workload("python3 json", [PYTHON, "-c", JSON % int(50000 * scale)], env={"PYTHONMALLOC": "malloc"}),
        Workload(
            "cc1plus -O1",
            [program("cc1plus"), "-quiet", "-O1", heavy(folder, int(20 * scale)), "-o", "/dev/null"],
            needs=["g++"],
        ),
        Workload("sqlite3 :memory:", ["sqlite3", ":memory:", SQLITE % int(2e6 * scale)]),
        Workload("perl strings", ["perl", "-e", PERL % max(1, int(15 * scale))]),
        Workload(
            "redis -P 16",
            ["redis-benchmark", "-p", port, "-P", "16", "-q", "-n", str(int(2e6 * scale)), "-r", "100000",
             "-t", "set,lpush,hset"],
            server=["redis-server", "--port", port, "--save", "", "--appendonly", "no"],
            needs=["redis-server"],
        ),  # fmt: skip
        Workload("node Buffers", ["node", "-e", NODE % int(300000 * scale)]),
        Workload(
            "git log --stat",
            ["git", "-C", history(folder, 4000), "log", "--stat", "-n", str(int(4000 * scale))],
        ),
        many("true", ["/bin/true"]),
        many("bash -c :", ["bash", "-c", ":"]),
        loop("shared_ptr", "shared_ptr", 600e6),
        loop("getc", "getc", 900e6),
    ]


if __name__ == "__main__":
    sys.exit("this is scripts/bench's")
