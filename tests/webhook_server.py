"""A server as whoever takes notices runs one: HTTPS only, with a certificate of its own authority, and no request taken
whose signature or moment is not right.

    python3 tests/webhook_server.py FOLDER

The folder holds server.pem, server.key and secret. The port stands in FOLDER/port once it listens. Each request is a line
of FOLDER/taken; while FOLDER/refuses is there, all are answered with 503 and none is taken.
"""

import hashlib
import hmac
import http.server
import json
import ssl
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1])


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        at = self.headers["X-Bex-Timestamp"]
        secret = (FOLDER / "secret").read_text().strip().encode()
        signature = "sha256=" + hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        if (FOLDER / "refuses").exists():
            return self.answer(503)
        if not hmac.compare_digest(signature, self.headers["X-Bex-Signature"]):
            return self.answer(401)
        taken = {"path": self.path, "at": at, "type": self.headers["Content-Type"], "body": json.loads(body)}
        with open(FOLDER / "taken", "a") as out:
            out.write(json.dumps(taken) + "\n")
        return self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(FOLDER / "server.pem", FOLDER / "server.key")
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    (FOLDER / ".port").write_text(str(server.server_address[1]))
    (FOLDER / ".port").rename(FOLDER / "port")
    server.serve_forever()


if __name__ == "__main__":
    main()
