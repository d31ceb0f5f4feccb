# node: a map, zlib, a worker, a child.
# shellcheck shell=sh

node -e 'const m = new Map(); for (let i = 0; i < 200000; i++) m.set(i, { n: i, s: "x" + i });
    let sum = 0; for (const v of m.values()) sum += v.n; console.log(sum, m.size);
    const z = require("zlib"); console.log(z.gunzipSync(z.gzipSync(Buffer.alloc(1e6, 7))).length);
    const { Worker, isMainThread } = require("worker_threads");
    new Worker("require(\"worker_threads\").parentPort.postMessage(6 * 7)", { eval: true })
        .on("message", n => console.log("worker", n)).on("exit", () => { process.exitCode = 5; });
    require("child_process").exec("echo child", (e, out) => console.log(out.trim()));' | sort
node -e 'process.exit(7)'
