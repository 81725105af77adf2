"""Finding the ``<<NAME`` openers of here-documents on an instruction's line.

BuildKit's frontend/dockerfile/parser/parser.go: heredocsFromLine, heredocFromMatch.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.syntax.characters import SPACE_PATTERN

if TYPE_CHECKING:
    from dflint.source import Span
    from dflint.syntax.instructions import InstructionBuilder


class Opener(NamedTuple):
    """``<<NAME`` on an instruction's line."""

    span: Span
    delimiter: str
    fd: int | None
    strips_tabs: bool
    expands: bool


_OPENER = re.compile(r"(\d*)<<(-?)\s*([^<]+)", re.DOTALL)

# A word of the line: quotes keep spaces together, an escape keeps the next character, as with RawQuotes and RawEscapes.
# The words of a line are found whatever its escape directive says: BuildKit uses a backslash here.
_LINE_WORD = re.compile(
    r"""(?:[^\s'"\\$]+|[\x1c-\x1f]|\\.|\\$|'[^']*'|"(?:[^"\\]|\\.)*"|\$\{(?:[^}\\]|\\.)*\}|\$(?!\{))+""", re.DOTALL
)
_SPACES = re.compile(rf"{SPACE_PATTERN}*")


def openers_in(builder: InstructionBuilder) -> list[Opener]:
    """The here-document openers of a logical line, in order; none when a quote of the line stays open."""
    text = builder.text
    openers: list[Opener] = []
    for start, end in _line_words(text):
        opener = _opener(text[start:end])
        if opener is not None:
            delimiter, fd, strips_tabs, expands = opener
            openers.append(Opener(builder.span(start, end), delimiter, fd, strips_tabs, expands))
    return openers


def _line_words(text: str) -> list[tuple[int, int]]:
    words: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        at = _SPACES.match(text, at).end()  # type: ignore[union-attr]
        if at == len(text):
            break
        match = _LINE_WORD.match(text, at)
        if match is None:
            return []  # an open quote or brace: BuildKit then sees no words at all
        words.append(match.span())
        at = match.end()
    return words


def _opener(word: str) -> tuple[str, int | None, bool, bool] | None:
    match = _OPENER.fullmatch(word)
    if match is None:
        return None
    delimiter = _without_quotes(match[3])
    if delimiter is None:
        return None
    quotes = match[3].count("'") + match[3].count('"')
    expands = quotes == delimiter.count("'") + delimiter.count('"')
    return delimiter, int(match[1]) if match[1] else None, match[2] == "-", expands


def _without_quotes(word: str) -> str | None:
    """A delimiter's text; None if it is not one word."""
    out: list[str] = []
    at = 0
    while at < len(word):
        char = word[at]
        if char == "\\":
            at += 1
            out.append(word[at : at + 1])
        elif char in "'\"":
            end = word.find(char, at + 1)
            if end < 0:
                return None
            out.append(word[at + 1 : end])
            at = end
        else:
            out.append(char)
        at += 1
    return "".join(out) or None
