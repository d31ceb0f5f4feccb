#!/bin/sh
# `leakwatch push` sends what Pyroscope's ingest API asks for: a receiver in python takes the form apart, and go's own pprof reads
# the profile. What goes wrong is one line.
. "$(dirname "$0")/lib.sh"
need go
cd "$work"

cat >receiver.py <<'END'
import email.parser, email.policy, http.server, json, sys, urllib.parse

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        url = urllib.parse.urlsplit(self.path)
        if url.path.startswith("/denied"):
            self.send_response(401)
            self.end_headers()
            self.wfile.write(b"who are you?\nsecond line")
            return
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.default).parsebytes(head + body)
        parts = {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in form.iter_parts()}
        with open("profile.pprof", "wb") as file:
            file.write(parts["profile"])
        with open("request.json", "w") as file:
            json.dump({"path": url.path, "query": urllib.parse.parse_qs(url.query), "types": json.loads(parts["sample_type_config"]),
                       "token": self.headers["Authorization"], "tenant": self.headers["X-Scope-OrgID"]}, file)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
END
/usr/bin/python3 receiver.py >port &
receiver=$!
trap 'kill $receiver; rm -rf "$work"' EXIT
until [ -s port ]; do sleep 0.1; done
port=$(cat port)

with="LEAKWATCH_LEDGER=$work/array.lw"
record_well array "$targets/array" --seconds 2
LEAKWATCH_PUSH_TOKEN=secret LEAKWATCH_PUSH_TENANT=shop "$tool" push --to "http://127.0.0.1:$port/base/" --label region=eu array.lw ||
    fail "push"
/usr/bin/python3 - <<'END' || fail "request: $(cat request.json)"
import json, time
request = json.load(open("request.json"))
query = {name: values[0] for name, values in request["query"].items()}
assert request["path"] == "/base/ingest" and query["format"] == "pprof"
assert query["name"].startswith("array{host=") and query["name"].endswith(",region=eu}") and ",pid=" in query["name"]
assert 2 <= int(query["until"]) - int(query["from"]) <= 4 and abs(time.time() - int(query["from"])) < 100
assert request["token"] == "Bearer secret" and request["tenant"] == "shop"
assert set(request["types"]) == {"inuse_space", "inuse_objects", "alloc_space", "alloc_objects", "growth_space"}
END
go tool pprof -raw profile.pprof >raw 2>err || fail "$(cat err)"
contains raw "new_measurement"
contains raw "growth_space/bytes"

complains() { # STATUS LINE ARGUMENT...
    expected=$1 line=$2 status=0
    shift 2
    "$tool" push "$@" >out 2>err || status=$?
    equal "status of push $*" "$expected" "$status"
    equal "lines of push $*" 1 "$(wc -l <err)"
    contains err "$line"
}
complains 1 "http://127.0.0.1:$port/denied answers 401: who are you?" --to "http://127.0.0.1:$port/denied" array.lw
complains 1 "Failed to connect" --to http://127.0.0.1:1 array.lw
complains 1 "Could not resolve host" --to http://no.such.host.invalid array.lw
complains 1 "file" --to file:///etc/passwd array.lw
complains 2 "--to" array.lw
complains 2 "NAME=VALUE" --to "http://127.0.0.1:$port" --label 'a={}' array.lw
complains 1 "no ledger" --to "http://127.0.0.1:$port" 999999
