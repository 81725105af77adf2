"""The first answer, given before what it takes to give the others is loaded.

The protocol's classes take several times as long to load as all the rest. An editor waits for the answer to
``initialize`` and has then to prepare its next messages; so that answer comes from a file that was written when the
features were (``capabilities.json``), and loading goes on meanwhile. The server that comes after gets the same message,
and its own answer, which is equal, is dropped.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

from dflint.version import VERSION

CAPABILITIES = Path(__file__).with_name("capabilities.json")
ENCODINGS = ("utf-16", "utf-8", "utf-32")


class Handshake:
    """Standard input and output of a server, with the first message answered already.

    ``readline``, ``read``, ``write`` and ``flush`` are those of the streams that the server is to use.
    """

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._replayed: list[bytes] = []
        """Lines and body of the first message, still to be read by the server."""
        self._answered: object = None
        """Id of the request whose answer the server need not send; None if there is none."""

    def answer(self) -> None:
        """Read the first message, and answer it if it is ``initialize``."""
        length = 0
        while line := self._stdin.readline():
            self._replayed.append(line)
            if not line.strip():
                break
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value)
        body = self._stdin.read(length) if length else b""
        self._replayed.append(body)
        request = _request(body)
        if request is None:
            return
        result = {"capabilities": capabilities(request), "serverInfo": {"name": "dflint", "version": VERSION}}
        answer = json.dumps({"id": request["id"], "jsonrpc": "2.0", "result": result}).encode()
        self._stdout.write(b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer))
        self._stdout.flush()
        self._answered = request["id"]

    def readline(self) -> bytes:
        """The next line; that of the first message first."""
        return self._replayed.pop(0) if self._replayed else self._stdin.readline()

    def read(self, size: int) -> bytes:
        """The next bytes; those of the first message first."""
        return self._replayed.pop(0) if self._replayed else self._stdin.read(size)

    def write(self, message: bytes) -> int:
        """Send a message, unless it is the answer that was given."""
        if self._answered is not None and _is_answer(message, self._answered):
            self._answered = None
            return len(message)
        return self._stdout.write(message)

    def flush(self) -> None:
        self._stdout.flush()

    def close(self) -> None:
        """The server is done; the stream stays open for whoever ends the process."""
        self._stdout.flush()

    @property
    def closed(self) -> bool:
        return self._stdout.closed


def capabilities(request: dict[str, Any]) -> dict[str, Any]:
    """What the server announces to a client: all that it can, in the client's encoding of positions."""
    announced: dict[str, Any] = json.loads(CAPABILITIES.read_text(encoding="utf-8"))
    offered = _at(request, "params", "capabilities")
    encodings = _at(offered, "general", "positionEncodings")
    chosen = next((name for name in encodings if name in ENCODINGS), None) if isinstance(encodings, list) else None
    announced["positionEncoding"] = chosen or "utf-16"
    if not _at(offered, "textDocument", "rename", "prepareSupport"):
        announced["renameProvider"] = True
    return announced


def _request(body: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(body)
    except ValueError:
        return None
    if not isinstance(message, dict) or message.get("method") != "initialize" or "id" not in message:
        return None
    return message if isinstance(_at(message, "params", "capabilities"), dict) else None


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _is_answer(message: bytes, identifier: object) -> bool:
    try:
        told = json.loads(message.partition(b"\r\n\r\n")[2])
    except ValueError:
        return False
    return isinstance(told, dict) and told.get("id") == identifier and ("result" in told or "error" in told)
