"""``# shellcheck disable=SC2086`` between and above the lines of an instruction.

BuildKit takes such comments out before a shell sees the script, so ShellCheck never gets them. What they mean here:

- above the instruction, or below its keyword and before the script starts: the whole script;
- anywhere else the next command, as in ShellCheck: all of a loop or a pipeline, one element of ``a && b``;
- inside a command, before more of its words: the rest of that command.

Directives in the lines of a here-document are ShellCheck's own business.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model
    from dflint.shell import Script
    from dflint.syntax.tree import Comment, Instruction

ALL = (0, 1 << 30)
_DIRECTIVE = re.compile(r"[ \t]*shellcheck[ \t]+([^#]*)")
_CODES = re.compile(r"(?:SC)?(\d{1,9})(?:-(?:SC)?(\d{1,9}))?")


class Directive(NamedTuple):
    """Codes that are silent in a part of the file; each pair is the first and the last of a range."""

    scope: Span
    codes: tuple[tuple[int, int], ...]

    def covers(self, code: int, offset: int) -> bool:
        """Whether it silences a code at a place."""
        return self.scope.start <= offset < self.scope.end and any(first <= code <= last for first, last in self.codes)


def directives_of(instruction: Instruction, script: Script, model: Model) -> tuple[Directive, ...]:
    """The directives for the script of an instruction."""
    found: list[Directive] = []
    for comment in _comments(instruction, model):
        codes = disabled_codes(comment.text)
        if codes:
            found.append(Directive(_scope(comment, instruction, script), codes))
    return tuple(found)


def disabled_codes(comment: str) -> tuple[tuple[int, int], ...]:
    """The codes that a comment (what follows its ``#``) disables, as ranges; none if it is no such directive."""
    match = _DIRECTIVE.match(comment)
    codes: list[tuple[int, int]] = []
    for word in match[1].split() if match else ():
        key, _, listed = word.partition("=")
        for name in listed.split(",") if key == "disable" else ():
            if name == "all":
                codes.append(ALL)
            elif named := _CODES.fullmatch(name):
                codes.append((int(named[1]), int(named[2] or named[1])))
    return tuple(codes)


def _comments(instruction: Instruction, model: Model) -> Iterator[Comment]:
    """The comments right above an instruction and between its lines that may be directives."""
    tree = model.tree
    holder = tree.instructions[instruction.index]
    comments = tree.comments
    first = bisect_left(comments, holder.start, key=lambda comment: comment.start)
    source = tree.source
    line = source.line_of(holder.start)
    above = first
    while above and not comments[above - 1].in_instruction and source.line_of(comments[above - 1].start) == line - 1:
        above -= 1
        line -= 1
    for comment in comments[above:]:
        if comment.start >= holder.full_end:
            return
        if "shellcheck" in comment.text:
            yield comment


def _scope(comment: Comment, instruction: Instruction, script: Script) -> Span:
    if comment.start < script.text.offset(0):
        return Span(comment.start, instruction.full_end)
    inside = [c for c in script.commands() if c.start < comment.start < c.end and not c.in_string]
    if inside:
        return Span(comment.start, min(command.end for command in inside))
    for pipeline in script.pipelines():
        if pipeline.start >= comment.end:
            return Span(comment.start, pipeline.end)
    return Span(comment.start, instruction.full_end)
