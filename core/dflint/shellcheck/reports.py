"""From what ShellCheck says of a script to places, levels and edits of the Dockerfile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dflint.findings import Edit, Finding, Fix
from dflint.shellcheck.codes import (
    BACKQUOTES,
    ECHO_FLAGS,
    EMPTY_VALUE,
    LEVELS,
    ONCE,
    OWN_WORDS,
    REPEATED_SPACES,
    SPLITTING,
    SUBSTITUTION,
    title,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dflint.findings import Applicability
    from dflint.shellcheck.process import Comment, Replacement
    from dflint.shellcheck.scripts import ShellCheckScript
    from dflint.source import Span

RULE = "shellcheck"
"""The rule that all of them are findings of."""

_SIMPLE_BACKQUOTES = re.compile(r"`[^\\`'\"#(){};&|<>\n]+`")
"""A substitution whose text cannot mean anything else in ``$(...)``."""

_ESCAPES = re.compile(r"\\[$`\\\"]")
"""What loses its backslash in backquotes and keeps it in ``$(...)``."""

_ASSIGNMENT = re.compile(r"[ \t]*[A-Za-z_][A-Za-z0-9_]*=")
"""The next word, if it is one."""

_ONE_WORD = re.compile(
    r"\$\([ \t]*(?:arch|basename|command -v|date [^ \t]+|dirname|dpkg --print-architecture|expr|getconf|git rev-parse"
    r"|grep -c|id -[gu]|lsb_release -[a-z]*s[a-z]*|nproc|php-config --extension-dir|pwd|readlink|realpath|uname -[imrs]"
    r"|which)(?:[ \t][^()`;&|<>\n]*)?;?[ \t]*\)"
)
"""A substitution that prints one word, so that quotes around it change nothing."""


def findings_of(script: ShellCheckScript, comments: Iterable[Comment], source: str) -> list[Finding]:
    """What holds of a script's comments, in their order; ``source`` is the text of the Dockerfile."""
    lines = _Lines(script)
    found: list[Finding] = []
    seen: set[int] = set()
    for comment in comments:
        if comment.code in script.ignored or (comment.code in ONCE and comment.code in seen):
            continue
        start = lines.index(comment.line, comment.column)
        if start is None:
            continue
        seen.add(comment.code)
        end = lines.index(comment.end_line, comment.end_column)
        place = _place(script, start, start if end is None else end)
        if comment.code in SPLITTING and place.start in script.split:
            continue
        if comment.code == ECHO_FLAGS and (
            source[place.start : place.end] == "-n" or source.endswith("/echo ", 0, place.start)
        ):
            continue
        if comment.code == EMPTY_VALUE and _ASSIGNMENT.match(source, place.start):
            continue
        if comment.code in OWN_WORDS and source.endswith(OWN_WORDS[comment.code], 0, place.start):
            continue
        if comment.code == REPEATED_SPACES and "\n" in source[place.start : place.end]:
            continue  # the indentation of a continued line
        if any(directive.covers(comment.code, place.start) for directive in script.directives):
            continue
        level = LEVELS.get(comment.level, "info")
        message = _sentence(comment.message)
        fix = _fix(script, comment, lines, source)
        found.append(Finding(RULE, message, level, *place, fix, f"SC{comment.code:04}"))
    return found


def _sentence(message: str) -> str:
    """A message as dflint's: one line, without a full stop."""
    text = " ".join(message.split())
    return text[:-1] if text.endswith(".") and not text.endswith("..") else text


def _place(script: ShellCheckScript, start: int, end: int) -> Span:
    """A comment's place in the file; one that marks a point gets the character there, so that it can be seen."""
    length = len(script.text.text)
    if end <= start:
        start = min(start, max(length - 1, 0))
        end = min(start + 1, length)
    return script.text.span(start, end)


class _Lines:
    """Lines and columns of what ShellCheck got as indexes of the script's text."""

    __slots__ = ("_added", "_header", "_length", "_starts")

    def __init__(self, script: ShellCheckScript) -> None:
        text = script.text.text
        starts = [0]
        at = text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
        self._starts = starts
        self._length = len(text)
        self._added = len(script.added_lines)
        self._header = script.header_lines

    def index(self, line: int, column: int) -> int | None:
        """The index of a place; None if it lies in a line that is not of the script. The end for one behind it."""
        line -= 2  # from 0, without the `#!` line
        if line < 0:
            return None
        if line >= self._header:
            line -= self._added
            if line < self._header:
                return None
        if line >= len(self._starts):
            return self._length
        end = self._starts[line + 1] - 1 if line + 1 < len(self._starts) else self._length
        return min(self._starts[line] + column - 1, end)


def _fix(script: ShellCheckScript, comment: Comment, lines: _Lines, source: str) -> Fix | None:
    """ShellCheck's own fix; None if there is none or it cannot be written into the Dockerfile as it is."""
    if not comment.replacements:
        return _quotes(script, comment, lines, source) if comment.code == SUBSTITUTION else None
    edits: list[Edit] = []
    for replacement in comment.replacements:
        edit = _edit(script, replacement, lines, source)
        if edit is None:
            return None
        edits.append(edit)
    edits.sort(key=lambda edit: (edit.start, edit.end))
    last = -1
    for edit in edits:
        if edit.start < last or (edit.start == edit.end == last):
            return None  # which of two insertions at one place comes first is not told
        last = edit.end
    if comment.code == BACKQUOTES and _ESCAPES.search(source, edits[0].start, edits[-1].end):
        return None
    return Fix.of(title(comment.code), _applicability(comment, edits, source), edits)


def _quotes(script: ShellCheckScript, comment: Comment, lines: _Lines, source: str) -> Fix | None:
    """Quotes around a substitution, for which ShellCheck has no fix; None if it may print several words."""
    start = lines.index(comment.line, comment.column)
    end = lines.index(comment.end_line, comment.end_column)
    if start is None or end is None or script.notation != "plain" or end <= start:
        return None
    place = script.text.span(start, end)
    if source[place.start : place.end] != script.text.text[start:end] or not _ONE_WORD.fullmatch(source, *place):
        return None
    edits = (Edit(place.start, place.start, '"'), Edit(place.end, place.end, '"'))
    return Fix.of(title(comment.code), "unsafe", edits)


def _edit(script: ShellCheckScript, replacement: Replacement, lines: _Lines, source: str) -> Edit | None:
    start = lines.index(replacement.line, replacement.column)
    end = lines.index(replacement.end_line, replacement.end_column)
    if start is None or end is None or end < start:
        return None
    new = replacement.text
    if ("\n" in new or "\r" in new) and not script.takes_lines:
        return None
    text = script.text
    if start == end:
        # An insertion belongs to the word behind it or to the one before it; a continuation may lie between them.
        before = replacement.is_before_start and start > 0
        offset = text.offset(start - 1) + 1 if before else text.offset(start)
        neighbour = start - 1 if before else start
        if neighbour < len(text.text) and not _stands_as_it_is(script, neighbour, source):
            return None
        return Edit(offset, offset, _written(new, script.notation))
    place = text.span(start, end)
    if source[place.start : place.end] != text.text[start:end] or not _stands_as_it_is(script, start, source):
        return None
    return Edit(place.start, place.end, _written(new, script.notation))


def _stands_as_it_is(script: ShellCheckScript, index: int, source: str) -> bool:
    """Whether a character of the script is one of the file, not an escape or the second half of one."""
    text = script.text
    offset = text.offset(index)
    if source[offset] != text.text[index]:
        return False
    return script.notation == "plain" or offset == 0 or source[offset - 1] != "\\"


def _written(new: str, notation: str) -> str:
    """New text of the script as it is written in the file."""
    if notation == "json":
        from json import dumps

        return dumps(new, ensure_ascii=False)[1:-1]
    if notation == "expanded":
        return re.sub(r"([\\$`])", r"\\\1", new)
    return new


def _applicability(comment: Comment, edits: list[Edit], source: str) -> Applicability:
    """Quoting and the like change what a script does, if only in odd cases; two ways to write the same do not."""
    if comment.code == BACKQUOTES and len(edits) == 2:
        first, last = edits
        if _SIMPLE_BACKQUOTES.fullmatch(source, first.start, last.end):
            return "safe"
    return "unsafe"
