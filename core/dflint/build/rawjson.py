"""BuildKit's progress as ``--progress=rawjson`` writes it: one JSON document a line, plain text in between.

A document (``SolveStatus`` of client/graph.go) has vertexes (steps: several times each, newer ones replace older),
statuses (pulls, transfers), logs (base64) and warnings. What the client itself says (the place of an error, ``ERROR:``)
comes as plain lines among them.
"""

from __future__ import annotations

import base64
import json
import re
from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

LOG_LINES = 2_000
"""Lines of output of the build's commands that are kept."""
LONGEST_PENDING = 1 << 20

_PLACE = re.compile(r"^(?P<file>[^\s:][^:]*):(?P<line>\d+)$")
_STEP = re.compile(r"^\[(?P<stage>[^\]]*?)\s*(?P<number>\d+)/(?P<count>\d+)\]\s+(?P<text>.*)$", re.DOTALL)
_FRACTION = re.compile(r"\.(\d+)")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")


class Step(NamedTuple):
    """One vertex of the build graph."""

    name: str
    """As BuildKit says it: ``[stage-0 2/3] RUN make``."""
    seconds: float
    """How long it ran; 0 for one that was cached or never ran."""
    cached: bool
    started: bool = True
    error: str = ""
    kind: str = "run"
    """``run``: an instruction of the Dockerfile; ``load``: its preparation; ``export``; ``other``."""


class Progress:
    """Takes lines; knows the steps, the log and the client's own words at any moment."""

    def __init__(self, redact: Callable[[str], str], on_event: Callable[[str], None] | None = None) -> None:
        """``redact`` is applied to each whole line; ``on_event`` gets what a person would want to see, a line each."""
        self._redact = redact
        self._on_event = on_event or (lambda text: None)
        self._vertexes: dict[str, dict[str, Any]] = {}
        self._told: set[str] = set()
        self._pending: dict[tuple[str, int], bytes] = {}
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        """What the commands printed, and where they are, in the order of arrival."""
        self.plain: deque[str] = deque(maxlen=LOG_LINES)
        """Lines that are not progress: what the client says itself."""
        self.warnings: list[str] = []
        self.transferred = 0
        """Bytes of build context that were sent."""

    def feed(self, line: str) -> None:
        """Take a line. Nothing is raised for a strange one: it counts as text."""
        document = _document(line)
        if document is None:
            if line.strip():
                self.plain.append(self._redact(_ESCAPES.sub("", line)))
            return
        for vertex in _items(document, "vertexes"):
            self._take_vertex(vertex)
        for log in _items(document, "logs"):
            self._take_log(log)
        for status in _items(document, "statuses"):
            if str(status.get("id", "")).startswith("transferring context"):
                current = status.get("current")
                self.transferred = max(self.transferred, current if isinstance(current, int) else 0)
        for warning in _items(document, "warnings"):
            text = _decoded(warning.get("short")).decode("utf-8", "replace")
            if text:
                self.warnings.append(self._redact(text))

    def finish(self) -> None:
        """The build is over: what was left of unfinished lines counts as lines."""
        for (vertex, stream), rest in list(self._pending.items()):
            if rest:
                self._log_line(vertex, rest)
            del self._pending[vertex, stream]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps in the order in which they were named."""
        return tuple(self._step(vertex) for vertex in self._vertexes.values())

    @property
    def error(self) -> str:
        """Why the build failed, as BuildKit says it; empty if nobody said so."""
        failed = [str(vertex["error"]) for vertex in self._vertexes.values() if vertex.get("error")]
        real = [text for text in failed if not text.endswith("context canceled")] or failed
        for line in reversed(self.plain):
            if line.startswith("ERROR: "):
                return line.removeprefix("ERROR: ").removeprefix("failed to build: ").removeprefix("failed to solve: ")
        return self._redact(real[0]) if real else ""

    @property
    def place(self) -> tuple[str, int] | None:
        """The file and line that the client names as the place of the error."""
        for line in self.plain:
            if found := _PLACE.match(line):
                return found["file"], int(found["line"])
        return None

    def _take_vertex(self, vertex: dict[str, Any]) -> None:
        digest, name = str(vertex.get("digest", "")), str(vertex.get("name", ""))
        known = self._vertexes.setdefault(digest, {})
        # A vertex is reported again for each time that it is looked at; time adds up, and once run is not cached.
        if vertex.get("started") and vertex.get("started") != known.get("started"):
            known["before"] = known.get("before", 0.0) + _seconds(known)
            known.pop("completed", None)
        known.update((key, vertex[key]) for key in ("name", "started", "completed", "cached", "error") if key in vertex)
        if vertex.get("started") and digest not in self._told and not name.startswith("[internal]"):
            self._told.add(digest)
            text = self._redact(name)
            self.log.append(text)
            self._on_event(text)

    def _take_log(self, log: dict[str, Any]) -> None:
        stream = log.get("stream")
        key = (str(log.get("vertex", "")), stream if isinstance(stream, int) else 0)
        data = self._pending.get(key, b"") + _decoded(log.get("data"))
        *lines, rest = data.split(b"\n")
        if len(rest) > LONGEST_PENDING:
            lines, rest = [*lines, rest], b""
        for line in lines:
            self._log_line(key[0], line)
        self._pending[key] = rest

    def _log_line(self, vertex: str, line: bytes) -> None:
        text = self._redact(_ESCAPES.sub("", line.decode("utf-8", "replace")).rstrip("\r"))
        self.log.append(text)
        self._on_event("  " + text)

    def _step(self, vertex: dict[str, Any]) -> Step:
        name = str(vertex.get("name", ""))
        return Step(
            self._redact(name),
            round(float(vertex.get("before", 0.0)) + _seconds(vertex), 3),
            bool(vertex.get("cached")),
            bool(vertex.get("started")),
            self._redact(str(vertex.get("error", ""))),
            _kind(name),
        )


def _kind(name: str) -> str:
    if name.startswith(("[internal]", "resolve ", "[auth]")):
        return "load"
    if name.startswith(("exporting", "importing", "preparing", "sending", "resolving provenance")):
        return "export"
    found = _STEP.match(name)
    if found is None:
        return "other"
    return "load" if found["text"].startswith("FROM ") else "run"


def _document(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _items(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    items = document.get(key)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _decoded(data: object) -> bytes:
    try:
        return base64.b64decode(data) if isinstance(data, str) else b""
    except ValueError:
        return b""


def _seconds(vertex: dict[str, Any]) -> float:
    started, completed = _time(vertex.get("started")), _time(vertex.get("completed"))
    return max(0.0, completed - started) if started and completed else 0.0


def _time(text: object) -> float:
    """Seconds of an RFC 3339 time; Go writes nine digits of fraction, which Python 3.10 does not read. 0 if bad."""
    if not isinstance(text, str):
        return 0.0
    try:
        short = _FRACTION.sub(lambda found: "." + found[1][:6].ljust(6, "0"), text)
        return datetime.fromisoformat(short.replace("Z", "+00:00")).timestamp()
    except (ValueError, OverflowError):
        return 0.0
