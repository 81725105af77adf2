"""Output of two runs, made comparable: what differs from run to run anyway becomes a word for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
_CLOCK = r"\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?"
_ZONE = r"(?:\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"

PATTERNS = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (r"\x1b\[[0-?]*[ -/]*[@-~]", ""),
        (rf"\d{{4}}[-/]\d{{2}}[-/]\d{{2}}(?:[T ]{_CLOCK}{_ZONE})?", "<time>"),
        (rf"(?:{_DAY},?\s+)?\d{{1,2}}[ /-]{_MONTH}[ /-]\d{{4}}(?:[: ]{_CLOCK}{_ZONE})?", "<time>"),
        (rf"(?:{_DAY}\s+)?{_MONTH}\s+\d{{1,2}}\s+{_CLOCK}(?:\s+[A-Z]{{3,4}})?(?:\s+\d{{4}})?", "<time>"),
        (rf"\b{_CLOCK}{_ZONE}", "<time>"),
        (r"\b1[6-9]\d{8}(?:\.\d+|\d{3}(?:\d{3}){0,2})?\b", "<time>"),
        (r"\b\d+(?:\.\d+)?\s?(?:ns|us|µs|ms|secs?|seconds?|s)\b", "<duration>"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uuid>"),
        (r"\b0x[0-9a-fA-F]{6,16}\b", "<address>"),
        (r"(?i)\b(pid|process(?: id)?|tid|thread)(\s*[=:#]?\s*|\s+is\s+)\d+\b", r"\1\2<pid>"),
        (r"(?<=[\w\]])\[\d+\](?=[: ])|^\[\d+\](?= )", "[<pid>]"),
        (r"\b\d+#\d+:", "<pid>:"),
        # Ports of clients. The low ones say where a server listens, which must stay the same.
        (
            r"(\b\d{1,3}(?:\.\d{1,3}){3}|\[::1?\]|\blocalhost)([:,]\s?|'\s*,\s*|\"\s*,\s*)(?:3[2-9]|[4-6]\d)\d{3}\b",
            r"\1\2<port>",
        ),
        (r"(/tmp/)(?:tmp[\w.]{6,}|(?:[\w-]+[.-])?(?=\w*\d)(?=\w*[A-Za-z])\w{6,12})(?=[/\s'\":,;)]|$)", r"\1<random>"),
    )
)  # fmt: skip
"""Pattern and what takes its place, in this order."""


def normalised(text: str, names: Iterable[str] = ()) -> str:
    """A text without times, durations, ids, client ports; ``names`` are the container's own ids and addresses."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, "<container>")
    for pattern, word in PATTERNS:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def distinct_lines(text: str) -> str:
    """Each line once, where it comes first: of a service's log, which is as long as the service ran."""
    return "\n".join(dict.fromkeys(text.splitlines()))


def written_paths(listing: str) -> tuple[str, ...]:
    """The files that a container changed, from ``docker diff``: ``A /path``, without folders and byte code."""
    entries = [line.strip().partition(" ")[::2] for line in listing.splitlines() if line.strip()]
    folders = {"/".join(path.split("/")[:depth]) for _, path in entries for depth in range(1, path.count("/") + 1)}
    kept = {
        f"{kind} {normalised(path)}"
        for kind, path in entries
        if path not in folders and "/__pycache__" not in path and not path.endswith(".pyc")
    }
    return tuple(sorted(kept))
