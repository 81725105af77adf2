"""A little service: what it knows is in a package and a data file."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fruit import prices


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/healthz":
            body = b"ok"
        elif self.path.startswith("/price/"):
            body = json.dumps(prices.price(self.path[7:])).encode()
        else:
            body = json.dumps({"greeting": os.environ.get("GREETING"), "fruit": prices.names()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)


def main():
    server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8000"))), Handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("listening", flush=True)
    server.serve_forever()


main()
