"""Patterns of ``.gitignore`` files, as gitignore(5) has them.

A pattern with a slash at its start or middle counts from the file's folder, any other at every depth; one that ends in
a slash means folders only; ``!`` takes a path back; of several that match the last one counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class IgnorePattern:
    """One line of a ``.gitignore``."""

    __slots__ = ("_literal", "_regex", "anchored", "folders_only", "negated")

    def __init__(self, line: str) -> None:
        self.negated = line.startswith("!")
        if self.negated:
            line = line[1:]
        self.folders_only = line.endswith("/")
        line = line.removesuffix("/")  # one, as git: with two it matches nothing
        self.anchored = "/" in line
        line = line.removeprefix("/")
        is_plain = not any(char in line for char in "*?[\\")
        self._literal = line if is_plain else None
        self._regex = None if is_plain else re.compile(_regex(line) + r"\Z", re.DOTALL)

    def matches(self, path: str, is_folder: bool) -> bool:
        """Whether it matches a path relative to the pattern's folder."""
        if self.folders_only and not is_folder:
            return False
        subject = path if self.anchored else path.rpartition("/")[2]
        if self._regex is None:
            return subject == self._literal
        return self._regex.match(subject) is not None


class IgnorePatterns:
    """The patterns of one file or setting, relative to one folder."""

    __slots__ = ("_reversed",)

    def __init__(self, lines: Iterable[str]) -> None:
        patterns = []
        for line in lines:
            line = line.rstrip("\r\n")
            stripped = line.rstrip(" \t")
            if len(stripped) < len(line) and _ends_in_escape(stripped):
                stripped += line[len(stripped)]  # "\ " at the end is a space
            if stripped.strip("/") in ("", "!") or stripped.startswith("#"):
                continue
            patterns.append(IgnorePattern(stripped))
        self._reversed = patterns[::-1]

    def __bool__(self) -> bool:
        return bool(self._reversed)

    def verdict(self, path: str, is_folder: bool = False) -> bool | None:
        """True: ignored; False: taken back by ``!``; None: nothing said. ``path`` is relative, with ``/``."""
        for pattern in self._reversed:
            if pattern.matches(path, is_folder):
                return not pattern.negated
        return None

    def excludes(self, path: str) -> bool:
        """Whether a file, or a folder above it, is ignored."""
        parts = path.split("/")
        for depth in range(1, len(parts)):
            if self.verdict("/".join(parts[:depth]), is_folder=True):
                return True
        return bool(self.verdict(path))


def _ends_in_escape(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _regex(pattern: str) -> str:
    out = []
    at, end = 0, len(pattern)
    while at < end:
        char = pattern[at]
        if char == "*":
            stars = at
            while at < end and pattern[at] == "*":
                at += 1
            if at - stars == 2 and (stars == 0 or pattern[stars - 1] == "/") and (at == end or pattern[at] == "/"):
                if at == end:
                    out.append(".+")
                else:
                    out.append("(?:[^/]+/)*")
                    at += 1
            else:
                out.append("[^/]*")
            continue
        at += 1
        if char == "?":
            out.append("[^/]")
        elif char == "[":
            close = _class_end(pattern, at)
            if close < 0:
                return r"(?!)"  # git: an unclosed bracket matches nothing
            out.append(_class(pattern[at:close]))
            at = close + 1
        elif char == "\\" and at < end:
            out.append(re.escape(pattern[at]))
            at += 1
        else:
            out.append(re.escape(char))
    return "".join(out)


def _class_end(pattern: str, at: int) -> int:
    if pattern[at : at + 1] in ("!", "^"):
        at += 1
    first = at
    while at < len(pattern):
        if pattern[at] == "]" and at > first:
            return at
        if pattern.startswith("[:", at) and (close := pattern.find(":]", at + 2)) > 0:
            at = close + 2
            continue
        at += 2 if pattern[at] == "\\" else 1
    return -1


_POSIX = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9a-fA-F",
}


def _class(body: str) -> str:
    negated = body[:1] in ("!", "^")
    if negated:
        body = body[1:]
    inner = re.sub(r"\[:(\w+):\]", lambda m: _POSIX.get(m.group(1), ""), body)
    inner = inner.replace("[", r"\[") if "[:" not in body else inner
    if inner.startswith("]"):
        inner = "\\" + inner
    text = f"(?!/)[{'^' if negated else ''}{inner}]"
    try:
        re.compile(text)
    except re.error:
        return r"(?!)"
    return text
