"""The exec form: a JSON array of strings, and nothing else, decides it (line_parsers.go: parseJSON)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.source import MappedText
from dflint.syntax.tree import Problem

if TYPE_CHECKING:
    import json


class Token(NamedTuple):
    """``kind`` is operator or string; ``[start:end]`` are indexes of the line; ``decoded`` is a string's value."""

    kind: str
    start: int
    end: int
    decoded: str


NOT_STRINGS: list[Token] = []
"""What ``scan_array`` gives for a valid array that holds something other than strings."""

_TOKEN = re.compile(r'[ \t\r\n]*(?:("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|([\[\],]))')


def scan_array(text: str, start: int, end: int) -> list[Token] | None:
    """The tokens of the JSON array ``text[start:end]``; None if it is no valid JSON, ``NOT_STRINGS`` if not strings."""
    tokens: list[Token] = []
    at = start
    expected = "["
    while at < end:
        match = _TOKEN.match(text, at, end)
        if match is None:
            break
        operator = match[2]
        kind = operator or '"'
        if kind not in expected:
            break
        if operator:
            tokens.append(Token("operator", match.start(2), match.end(2), ""))
            expected = {"[": '"]', ",": '"', "]": ""}[operator]
        else:
            tokens.append(Token("string", match.start(1), match.end(1), _decode(match[1])))
            expected = ",]"
        at = match.end()
    if not expected and not text[at:end].strip(" \t\r\n"):
        return tokens
    return NOT_STRINGS if _is_json_array(text[start:end]) else None


def _decode(quoted: str) -> str:
    if "\\" not in quoted:
        return quoted[1:-1]
    import json

    value: str = json.loads(quoted)
    return value


def _is_json_array(text: str) -> bool:
    import json

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        return isinstance(json.loads(text, parse_constant=refuse), list)
    except (ValueError, RecursionError):
        return False


_CHARACTER = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)


def escaped_map(line: MappedText, start: int, end: int, decoded: str) -> MappedText:
    """The map of a decoded string whose raw form ``line.text[start:end]`` holds escapes."""
    offsets = [line.offset(match.start()) for match in _CHARACTER.finditer(line.text, start + 1, end - 1)]
    del offsets[len(decoded) :]  # a surrogate pair is two escapes and one character
    if not offsets:
        return MappedText(decoded, (0,), (line.offset(start),))
    return MappedText(decoded, tuple(range(len(offsets))), tuple(offsets))


_QUOTE = "[\"'“”‘’]"
_MEANT_AS_JSON = (
    rf"\[(?:{_QUOTE}|\s*\]?\s*$)"  # a quote right after the bracket, or nothing at all
    rf"|\[\s+{_QUOTE}[^\"'“”‘’]*{_QUOTE}\s*(?:,|\]?\s*$)"  # after a blank: a list goes on, or ends with the line
)
"""What tells an array that someone meant as JSON from a shell's test, ``[ "$A" = b ]``."""


def json_problem(command: MappedText) -> Problem | None:
    """Why a command that starts with ``[`` is no exec form, at the place where JSON ends being valid.

    None when it is a shell test such as ``[ -f x ]`` rather than a list that someone meant as JSON.
    """
    text = command.text
    if not re.match(_MEANT_AS_JSON, text):
        return None
    import json

    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        at = min(error.pos, len(text) - 1)
        span = command.span(at, at + 1)
        return Problem("invalid-json", f"not valid JSON: {_reason(text, error)}", span.start, span.end)
    except RecursionError:
        return None
    return None


def _reason(text: str, error: json.JSONDecodeError) -> str:
    at = error.pos
    if error.msg.startswith("Unterminated string"):
        return "the string is not closed"
    char = text[at : at + 1]
    if char == "'":
        return "strings need double quotes"
    if char in ("“", "”", "‘", "’"):
        return "typographic quotes"
    if char == "]" and text[:at].rstrip().endswith(","):
        return "a comma before the closing bracket"
    if char == '"':
        return "a comma is missing"
    if char == "\\":
        return "a backslash must be doubled"
    return f"unexpected {char!r}" if char else "the array is not closed"


def quoted(text: str) -> str:
    """A text as a JSON string; characters outside ASCII stay as they are."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    import json

    return json.dumps(text, ensure_ascii=False)
