"""A server of profiles for a test: FOLDER MODE.

Writes its port to FOLDER/port, and of the n-th request FOLDER/n.json (query, headers) and FOLDER/n.NAME, the parts
of its form. MODE: the statuses to answer with, "500,200": the last of them for all that follow; "silent": none.
"""

import email
import email.policy
import http.server
import json
import os
import sys
import time
import urllib.parse

folder, mode = sys.argv[1:]
count = 0


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global count
        count += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = email.message_from_bytes(
            b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP
        )
        assert form.is_multipart(), form
        for part in form.iter_parts():
            name = part.get_param("name", header="content-disposition")
            assert name in ("profile", "sample_type_config"), name
            with open(f"{folder}/{count}.{name}", "wb") as file:
                file.write(part.get_payload(decode=True))
        url = urllib.parse.urlsplit(self.path)
        said = {"path": url.path, "query": dict(urllib.parse.parse_qsl(url.query, strict_parsing=True)),
                "headers": {name.lower(): value for name, value in self.headers.items()}}
        with open(f"{folder}/{count}.part", "w") as file:
            json.dump(said, file)
        os.rename(f"{folder}/{count}.part", f"{folder}/{count}.json")
        if mode == "silent":
            time.sleep(30)
        statuses = mode.split(",")
        self.answer(int(statuses[min(count, len(statuses)) - 1]))

    def answer(self, status):
        text = b"" if status < 300 else b"no \x1b[31mprofile\nmore"
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        if status // 100 == 3:
            self.send_header("Location", "http://127.0.0.1:9/")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
with open(folder + "/port.new", "w") as file:
    file.write(str(server.server_port))
os.rename(folder + "/port.new", folder + "/port")
server.serve_forever()
