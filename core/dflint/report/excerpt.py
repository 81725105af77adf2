"""The lines of a finding as they stand in the file, with the marked part underlined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.report.base import escaped

if TYPE_CHECKING:
    from dflint.source import Source

MAX_LINES = 4
"""Of a longer range the first lines are shown."""
TAB = "    "


class ExcerptLine(NamedTuple):
    """``number`` counts from 1; ``mark`` has a caret below each marked column of ``text``."""

    number: int
    text: str
    mark: str


def excerpt(source: Source, start: int, end: int, width: int) -> tuple[list[ExcerptLine], int]:
    """The lines of a range, each at most ``width`` columns wide, and how many more there are.

    The part that is marked is what a long line is clipped to. An empty range has one caret.
    """
    first = source.line_of(start)
    last = source.line_of(end - 1) if end > start else first
    lines = []
    for number in range(first, min(last, first + MAX_LINES - 1) + 1):
        line_start, line_end = source.line_span(number)
        lines.append(_line(source.text[line_start:line_end], number, start - line_start, end - line_start, width))
    return lines, last - first + 1 - len(lines)


def _line(text: str, number: int, start: int, end: int, width: int) -> ExcerptLine:
    start = max(start, 0)
    if start == 0 and end >= len(text):
        start = len(text) - len(text.lstrip(" \t"))  # a whole line is marked from its first visible character
    end = min(max(end, start), len(text))
    low, high = _window(len(text), start, width)
    shown: list[str] = ["…"] if low else []
    mark = [" "] if low else []
    for at in range(low, high):
        char = text[at]
        piece, columns = _cell(char, number == 1 and at == 0)
        shown.append(piece)
        mark.append(("^" if start <= at < end else " ") * columns)
    if high < len(text):
        shown.append("…")
    marked = "".join(mark).rstrip()
    if start == end or not marked:
        marked = "".join(mark[: start - low + bool(low)]) + "^"
    return ExcerptLine(number, "".join(shown).rstrip(), marked)


def _window(length: int, start: int, width: int) -> tuple[int, int]:
    """Which characters of a line to show: all, or ``width`` of them around the place where the mark starts."""
    if length <= width:
        return 0, length
    low = max(0, min(start - width // 3, length - width + 2))
    return (low, min(length, low + width - 2)) if low else (0, width - 1)


def _cell(char: str, is_first: bool) -> tuple[str, int]:
    """How a character is shown, and in how many columns."""
    if " " <= char <= "~":
        return char, 1
    if char == "\t":
        return TAB, len(TAB)
    if is_first and char == "\ufeff":
        return "", 0
    if not char.isprintable():
        spelling = escaped(char)
        return spelling, len(spelling)
    from unicodedata import combining, east_asian_width

    if combining(char):
        return char, 0
    return char, 2 if east_asian_width(char) in "WF" else 1
