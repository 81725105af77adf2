"""Taking secrets and build arguments out of everything that is shown or stored.

A value of four characters or more is replaced wherever it stands. A shorter one (``1``, ``en``) stands everywhere by
chance: it is replaced only after the name it belongs to and an equals sign, or where it is a word of its own if it is a
secret.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MASK = "***"
SHORT = 4
"""Characters below which a value is too short to be looked for anywhere."""


class Redactor:
    """Replaces values. Give it whole lines: a value cut in two by a chunk's end would not be seen."""

    def __init__(self, secrets: Iterable[str] = (), arguments: Mapping[str, str] | None = None) -> None:
        """``secrets``: contents of secrets; ``arguments``: name to value of build arguments."""
        anywhere: set[str] = set()
        words: set[str] = set()
        for value in _lines(secrets):
            if len(value) >= SHORT:
                anywhere |= _forms(value)
            else:
                words.add(value)
        pairs: set[str] = set()
        for name, value in (arguments or {}).items():
            if len(value) >= SHORT:
                for line in _lines((value,)):
                    anywhere |= _forms(line) if len(line) >= SHORT else set()
            elif value:
                pairs.add(rf"(?<=\b{re.escape(name)}=)(?P<q>[\"']?){re.escape(value)}(?!\w)".replace("?P<q>", "?:"))
        patterns = [re.escape(value) for value in sorted(anywhere, key=len, reverse=True)]
        patterns += [rf"(?<!\w){re.escape(value)}(?!\w)" for value in sorted(words)]
        patterns += sorted(pairs)
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def text(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text

    def data(self, value: Any) -> Any:
        """JSON-like data with every string in it redacted; keys stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.data(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(item) for item in value]
        return value


def _lines(values: Iterable[str]) -> Iterable[str]:
    """Logs come line by line, so a value of several lines is as many values."""
    return (line.strip() for value in values for line in value.splitlines() if line.strip())


def _forms(value: str) -> set[str]:
    """A value as it is and as tools write it: base64, in a URL, in JSON."""
    encoded = base64.b64encode(value.encode("utf-8", "surrogateescape")).decode("ascii")
    return {
        value,
        encoded,
        encoded.rstrip("="),
        quote(value.encode("utf-8", "surrogateescape"), safe=""),
        json.dumps(value)[1:-1],
    }
