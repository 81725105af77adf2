"""An ignore file as a text that is linted: its lines with their places, its comments, and the context it is for.

It has what suppression comments and fixes ask of a Dockerfile's tree: pattern lines take the place of instructions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.context.dockerignore import parse_ignore
from dflint.record import NamedTuple
from dflint.source import Source, Span
from dflint.syntax.tree import Comment, Problem

if TYPE_CHECKING:
    from dflint.context.build_context import BuildContext
    from dflint.context.dockerignore import IgnorePattern


def is_ignore_file(path: str) -> bool:
    """Whether a file is an ignore file of builds by its name: ``.dockerignore``, ``NAME.dockerignore``."""
    return path.endswith(".dockerignore")


class PatternLine(NamedTuple):
    """A line that is no comment and not blank; ``full_end`` is behind its line end."""

    start: int
    end: int
    full_end: int
    pattern: IgnorePattern | None
    """None if the line breaks the build."""

    @property
    def name(self) -> str:
        return "line"

    @property
    def keyword(self) -> Span:
        """The whole line: it is kept or removed, never changed into another."""
        return Span(self.start, self.end)


class IgnoreDocument:
    """An ignore file. ``context`` is that of the build, with this text as its ignore file; None if it is not known."""

    __slots__ = ("comments", "context", "ignore", "instructions", "path", "problems", "source")

    directives = ()

    def __init__(self, text: str, path: str = ".dockerignore", context: BuildContext | None = None) -> None:
        self.path = path
        self.source = Source(text, path)
        self.ignore = parse_ignore(text)
        self.context = context.with_ignore(self.ignore) if context is not None else None
        self.problems = tuple(
            Problem("dockerignore", problem.message, problem.start, problem.end) for problem in self.ignore.problems
        )
        comments: list[Comment] = []
        lines: list[PatternLine] = []
        by_line = {pattern.line: pattern for pattern in self.ignore.patterns}
        for number, start in enumerate(self.source.line_starts, 1):
            end = self.source.line_span(number).end
            if number == 1 and text.startswith("\ufeff"):
                start = 1
            following = self.source.line_starts[number] if number < self.source.line_count else len(text)
            pattern = by_line.get(number)
            if text.startswith("#", start):
                comments.append(Comment(start, end, text[start + 1 : end], False))
            elif pattern is not None:
                lines.append(PatternLine(pattern.start, pattern.end, following, pattern))
            elif text[start:end].strip():
                lines.append(PatternLine(start, end, following, None))
        self.comments = tuple(comments)
        self.instructions = tuple(lines)

    @property
    def lines(self) -> tuple[PatternLine, ...]:
        """The lines that say something; another name for ``instructions``."""
        return self.instructions
