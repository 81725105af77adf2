"""Text with positions: the only place that knows lines, columns and offsets.

Everything inside dflint speaks of *offsets*: code points from the start of the text, counted from 0. Lines and
columns exist at the edges (reports, editors) and are made here. A line ends at ``\\n`` alone, as in BuildKit's
scanner (frontend/dockerfile/parser/parser.go); the ``\\r`` of a ``\\r\\n`` belongs to the line that it ends.
"""

from __future__ import annotations

from bisect import bisect_right

from dflint.record import NamedTuple


class Position(NamedTuple):
    """A place in a text: line and column counted from 1, columns in code points."""

    line: int
    column: int


class Span(NamedTuple):
    """A stretch of a text: offsets ``start`` (inclusive) and ``end`` (exclusive)."""

    start: int
    end: int


class Source:
    """One text and its lines.

    ``text`` is what the parser gets: a byte order mark is part of it, bytes that are not UTF-8 are lone surrogates
    (``errors="surrogateescape"``), line endings are as in the file.
    """

    __slots__ = ("_line_starts", "path", "text")

    def __init__(self, text: str, path: str = "") -> None:
        self.text = text
        self.path = path
        self._line_starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        """Offsets at which the lines start; a text that ends in a newline has an empty last line."""
        if self._line_starts is None:
            starts = [0]
            find = self.text.find
            at = find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = find("\n", at + 1)
            self._line_starts = starts
        return self._line_starts

    @property
    def line_count(self) -> int:
        """Number of lines, at least 1."""
        return len(self.line_starts)

    def position(self, offset: int) -> Position:
        """The line and column of an offset (0 to ``len(text)``)."""
        starts = self.line_starts
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def offset(self, position: Position) -> int:
        """The offset of a position; a column past its line's end is the line's end, a line past the last the end."""
        starts = self.line_starts
        if position.line > len(starts):
            return len(self.text)
        line_start, line_end = self.line_span(position.line)
        return min(line_start + position.column - 1, line_end)

    def line_of(self, offset: int) -> int:
        """The line number (from 1) that holds an offset."""
        return bisect_right(self.line_starts, offset)

    def line_span(self, line: int) -> Span:
        """Start and end of a line counted from 1, without its line ending."""
        starts = self.line_starts
        start = starts[line - 1]
        if line == len(starts):
            return Span(start, len(self.text))
        end = starts[line] - 1
        if end > start and self.text[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def line_text(self, line: int) -> str:
        """The text of a line counted from 1, without its line ending."""
        start, end = self.line_span(line)
        return self.text[start:end]

    @property
    def newline(self) -> str:
        """The line ending that new lines should get: that of the first line."""
        at = self.text.find("\n")
        return "\r\n" if at > 0 and self.text[at - 1] == "\r" else "\n"


class MappedText:
    """A text made from pieces of a source, with the way back to the source.

    The shell sees a RUN body without the line continuations and the comment lines between them. ``text`` is what it
    sees; ``offset(i)`` says where ``text[i]`` stands in the source.
    """

    __slots__ = ("_offsets", "_starts", "text")

    def __init__(self, text: str, starts: tuple[int, ...], offsets: tuple[int, ...]) -> None:
        """Piece ``k`` starts at index ``starts[k]`` of ``text`` (the first at 0), at ``offsets[k]`` of the source."""
        self.text = text
        self._starts = starts
        self._offsets = offsets

    @classmethod
    def contiguous(cls, text: str, offset: int) -> MappedText:
        """A text that stands in the source in one piece."""
        return cls(text, (0,), (offset,))

    @property
    def is_contiguous(self) -> bool:
        """Whether the text stands in the source in one piece."""
        return len(self._starts) == 1

    def offset(self, index: int) -> int:
        """The source offset of ``text[index]``; for ``len(text)`` the offset just past the last character."""
        starts = self._starts
        if len(starts) == 1:
            return self._offsets[0] + index
        piece = bisect_right(starts, index) - 1
        if index and index == len(self.text) and starts[piece] == index:
            piece -= 1
        return self._offsets[piece] + index - starts[piece]

    def span(self, start: int, end: int) -> Span:
        """The source span of ``text[start:end]``; it may hold continuations that ``text`` does not show."""
        if end <= start:
            at = self.offset(start)
            return Span(at, at)
        return Span(self.offset(start), self.offset(end - 1) + 1)

    def pieces(self) -> list[tuple[str, int]]:
        """The stretches that stand in the source in one piece: text and source offset of each."""
        ends = (*self._starts[1:], len(self.text))
        return [
            (self.text[start:end], offset) for start, end, offset in zip(self._starts, ends, self._offsets, strict=True)
        ]

    def slice(self, start: int, end: int) -> MappedText:
        """``text[start:end]`` with its own way back."""
        if len(self._starts) == 1:
            return MappedText(self.text[start:end], (0,), (self._offsets[0] + start,))
        starts, offsets = [0], [self.offset(start)]
        for piece_start, piece_offset in zip(self._starts, self._offsets, strict=True):
            if start < piece_start < end:
                starts.append(piece_start - start)
                offsets.append(piece_offset)
        return MappedText(self.text[start:end], tuple(starts), tuple(offsets))
