"""Signs and checks short messages over HTTP: /sign?text=... and /check?token=..."""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from itsdangerous import BadSignature, Signer
from markupsafe import escape

signer = Signer(os.environ.get("SIGNING_SECRET", "development"))


def answer(path: str) -> tuple[int, str]:
    """Status code and body for a request path."""
    url = urlsplit(path)
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    if url.path == "/health":
        return 200, "ok"
    if url.path == "/sign" and "text" in query:
        return 200, signer.sign(query["text"]).decode()
    if url.path == "/check" and "token" in query:
        try:
            return 200, str(escape(signer.unsign(query["token"]).decode()))
        except BadSignature:
            return 400, "bad signature"
    return 404, "not found"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = answer(self.path)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode() + b"\n")


if __name__ == "__main__":
    ThreadingHTTPServer(("", int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
