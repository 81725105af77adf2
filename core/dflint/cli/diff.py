"""What a fix changes, as a unified diff that ``patch`` and ``git apply`` take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_COLORS = {"-": "31", "+": "32", "@": "36"}


def unified_diff(path: str, old: str, new: str, color: bool = False) -> str:
    """The diff of a file, with ``a/`` and ``b/`` before its path."""
    from difflib import unified_diff as difference

    shown = path.replace("\\", "/").removeprefix("./").lstrip("/")
    lines = difference(_lines(old), _lines(new), f"a/{shown}", f"b/{shown}")
    return "".join(_finished(lines, color))


def _lines(text: str) -> list[str]:
    """Lines with their ends; only ``\\n`` ends one."""
    lines = text.split("\n")
    last = lines.pop()
    kept = [line + "\n" for line in lines]
    return [*kept, last] if last else kept


def _finished(lines: Iterator[str], color: bool) -> Iterator[str]:
    for line in lines:
        ending = "" if line.endswith("\n") else "\n\\ No newline at end of file\n"
        if color and line[:1] in _COLORS:
            yield f"\x1b[{_COLORS[line[0]]}m{line.rstrip(chr(10))}\x1b[0m\n{ending[1:]}"
        else:
            yield line + ending
