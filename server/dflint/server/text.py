"""Documents as the protocol counts them: lines end in ``\\n``, ``\\r\\n`` or ``\\r``, columns are units of an encoding.

The rest of dflint has offsets in code points; this is the only place that knows anything else.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE_END = re.compile("\r\n|\n|\r")


class Text:
    """A text with its lines, for clients that count columns in ``encoding``."""

    __slots__ = ("encoding", "starts", "text")

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text = text
        self.encoding = encoding
        self.starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def position(self, offset: int) -> types.Position:
        """The position of an offset; beyond the end that of the end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self.starts, offset) - 1
        return types.Position(line, self._units(self.text[self.starts[line] : offset]))

    def range(self, start: int, end: int) -> types.Range:
        """The range of two offsets."""
        return types.Range(self.position(start), self.position(end))

    def offset(self, position: types.Position) -> int:
        """The offset of a position; beyond the end of a line that of the line's end, as the protocol says."""
        if position.line < 0:
            return 0
        if position.line >= len(self.starts):
            return len(self.text)
        start = self.starts[position.line]
        end = self.starts[position.line + 1] if position.line + 1 < len(self.starts) else len(self.text)
        line = self.text[start:end].rstrip("\r\n")
        return start + self._characters(line, position.character)

    def changed(self, changes: Sequence[types.TextDocumentContentChangeEvent]) -> Text:
        """The text after changes, each made to what the ones before it left."""
        found = self
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = found.offset(change.range.start), found.offset(change.range.end)
                found = Text(found.text[:start] + change.text + found.text[max(start, end) :], self.encoding)
            else:
                found = Text(change.text, self.encoding)
        return found

    def _units(self, text: str) -> int:
        if self.encoding == "utf-32" or text.isascii():
            return len(text)
        if self.encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(char > "\uffff" for char in text)

    def _characters(self, line: str, units: int) -> int:
        if self.encoding == "utf-32" or line.isascii():
            return min(units, len(line))
        seen = 0
        for number, char in enumerate(line):
            if seen >= units:
                return number
            seen += self._units(char)
        return len(line)
