# python3: json, threads, a child.
# shellcheck shell=sh

/usr/bin/python3 -c 'import json, subprocess, threading, sys
rows = json.loads(json.dumps([{"n": i, "s": "x" * (i % 50)} for i in range(30000)])); print(len(rows))
t = [threading.Thread(target=lambda: sum(len(str(i)) for i in range(20000))) for _ in range(4)]
[x.start() for x in t]; [x.join() for x in t]
print(subprocess.run(["sh", "-c", "echo child; exit 3"], capture_output=True)); sys.exit(8)'
