"""The items of the shop as JSON, from a file that is read at each request."""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SAMPLE = [{"name": "Lamp", "price": 40}, {"name": "Chair", "price": 85}]


def items() -> list[dict[str, object]]:
    file = Path(os.environ.get("DATABASE_FILE", "shop.json"))
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else SAMPLE


def check() -> None:
    """Fail if the items are not what the web pages need."""
    for item in items():
        if not {"name", "price"} <= item.keys():
            raise ValueError(f"not an item: {item}")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/items"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(json.dumps(items() if found else []).encode())


def main() -> None:
    ThreadingHTTPServer(("", 5000), Handler).serve_forever()
