"""The edits that lay a file out, instruction by instruction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from dflint.findings import Edit
from dflint.formatting.meaning import meaning_of
from dflint.syntax import parse
from dflint.syntax.tree import Onbuild

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dflint.syntax.tree import Dockerfile, Instruction

_TRAILING = re.compile(r"[ \t]+(?=\r?\n|\Z)")
_BETWEEN = re.compile(r"(?m)^(?:[ \t]*\r?\n)+|(?<=\S)[ \t]+(?=\r?\n|\Z)")
"""A run of blank lines, or white space at the end of another one."""


@dataclass(frozen=True)
class FormatSettings:
    """How a file shall look. What is None stays as the author has it."""

    keywords: Literal["upper", "lower"] | None = "upper"
    indent: int | None = None
    """Spaces before continued lines that start with none of ``&& || | ;``."""
    blank_lines: int | None = 2
    """The most blank lines in a row between instructions."""
    final_newline: bool = True
    """Whether the last line ends as the others do, and no blank lines follow it."""


DEFAULT = FormatSettings()


def formatted(text: str, settings: FormatSettings = DEFAULT) -> str:
    """A text laid out; the text itself if it does not parse."""
    return _applied(text, format_edits(parse(text), settings))


def format_edits(
    tree: Dockerfile, settings: FormatSettings = DEFAULT, start: int = 0, end: int | None = None
) -> list[Edit]:
    """The edits, in order, that lay out what lies between two offsets: all instructions that the range touches.

    None if the file has syntax errors. Here-documents, comments' texts, directives and line ends stay.
    """
    if tree.problems:
        return []
    text = tree.source.text
    last = len(text) if end is None else end
    groups = [list(_of_instruction(tree, one, settings)) for one in tree.instructions if _touches(one, start, last)]
    between = [edit for edit in _between(tree, settings) if edit.start <= last and edit.end >= start]
    kept = [group for group in groups if group and _is_same(tree, group)]
    edits = sorted({edit for group in (*kept, between) for edit in group})
    return edits if _is_same(tree, edits) else []


def _touches(instruction: Instruction, start: int, end: int) -> bool:
    return instruction.start <= end and instruction.end >= start


def _applied(text: str, edits: Iterable[Edit]) -> str:
    pieces, at = [], 0
    for edit in edits:
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:]])


def _is_same(tree: Dockerfile, edits: list[Edit]) -> bool:
    """Whether every instruction, directive and comment is the same after edits."""
    if any(after.start < before.end for before, after in pairwise(edits)):
        return False
    return meaning_of(parse(_applied(tree.source.text, edits))) == meaning_of(tree)


def _of_instruction(tree: Dockerfile, instruction: Instruction, settings: FormatSettings) -> Iterator[Edit]:
    text = tree.source.text
    line_start = text.rfind("\n", 0, instruction.start) + 1
    if line_start < instruction.start and not text[line_start : instruction.start].strip():
        yield Edit(line_start, instruction.start, "")
    yield from _keyword(instruction, settings)
    yield from _gaps(text, instruction)
    yield from _lines(tree, instruction, settings)


def _keyword(instruction: Instruction, settings: FormatSettings) -> Iterator[Edit]:
    word = instruction.keyword
    if settings.keywords is not None:
        wanted = instruction.name if settings.keywords == "upper" else instruction.name.lower()
        if word.value != wanted and word.value.upper() == instruction.name:
            yield Edit(word.start, word.end, wanted)
    if isinstance(instruction, Onbuild) and instruction.trigger is not None:
        yield from _keyword(instruction.trigger, settings)


def _gaps(text: str, instruction: Instruction) -> Iterator[Edit]:
    """One space after the keyword and between flags, where they are on one line."""
    parts: list[Any] = [instruction.keyword, *instruction.flags]
    following: list[Any] = instruction.children[1 : len(parts) + 1]
    for part, after in zip(parts, following, strict=False):
        gap = text[part.end : after.start]
        if after.type != "newline" and gap not in ("", " ") and not gap.strip(" \t"):
            yield Edit(part.end, after.start, " ")


def _lines(tree: Dockerfile, instruction: Instruction, settings: FormatSettings) -> Iterator[Edit]:
    """No white space at the ends of lines, and the wanted indentation of continued ones."""
    text = tree.source.text
    end = instruction.children[-1].end if not instruction.heredocs else instruction.heredocs[0].body.start
    tail = len(text.rstrip(" \t\r\n")) if settings.final_newline else len(text) + 1
    for match in _TRAILING.finditer(text, instruction.start, end):
        if match.start() < tail:
            yield Edit(match.start(), match.end(), "")
    if settings.indent is None:
        return
    comments = {tree.source.line_of(comment.start) for comment in instruction.comments}
    for number in range(tree.source.line_of(instruction.start) + 1, tree.source.line_of(max(end - 1, 0)) + 1):
        line = tree.source.line_text(number)
        bare = line.lstrip(" \t")
        start = tree.source.line_span(number).start
        if number in comments or not bare.strip() or bare.startswith(("&&", "||", "|", ";")):
            continue
        old = len(line) - len(bare)
        if line[:old] != " " * settings.indent:
            yield Edit(start, start + old, " " * settings.indent)


def _between(tree: Dockerfile, settings: FormatSettings) -> Iterator[Edit]:
    """The ends of comments, runs of blank lines, and the end of the file."""
    text = tree.source.text
    tail = len(text.rstrip(" \t\r\n"))
    inside = [(one.start, one.full_end) for one in tree.instructions]
    if settings.final_newline and tail and text[tail:] != tree.source.newline:
        yield Edit(tail, len(text), tree.source.newline)
    for match in _BETWEEN.finditer(text, 1):
        start, end = match.span()
        is_head = not text[:start].strip()  # a comment at the very top might become a directive
        if is_head or any(first <= start < last for first, last in inside) or (settings.final_newline and end > tail):
            continue
        found = match[0]
        wanted = ""
        if found.endswith("\n"):
            count = found.count("\n")
            most = count if settings.blank_lines is None else min(count, settings.blank_lines)
            wanted = ("\r\n" if "\r\n" in found else "\n") * most
        if found != wanted:
            yield Edit(start, end, wanted)
