"""How the author writes: what is inserted looks like the lines around it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dflint.findings import Edit
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dflint.model import Model
    from dflint.syntax.tree import Instruction

DEFAULT_INDENT = "    "
MAX_LINE = 120
"""Columns from which an inserted flag goes to a line of its own."""


class Style(NamedTuple):
    """The habits of one file; where it shows none, those of Docker's documentation."""

    is_lower: bool
    """Whether most keywords are in lower case."""
    indent: str
    """What a continued line starts with, unless with an operator."""
    operator_indent: str
    """What stands before ``&&`` at the start of a continued line."""
    operator_first: bool
    """Whether ``&&`` stands at the start of a continued line rather than at the end of the one before."""
    newline: str
    escape: str

    @classmethod
    def of(cls, model: Model) -> Style:
        """The style of a file."""
        instructions = model.instructions
        lower = sum(instruction.keyword.text.islower() for instruction in instructions)
        lines = [line for instruction in instructions for line in _continued(model, instruction)]
        led = [line for line in lines if line.lstrip().startswith("&&")]
        operator_indent = _usual(_indent(line) for line in led) or ""
        indent = _usual(_indent(line) for line in lines if not line.lstrip().startswith(("&&", "||", ";", "|")))
        if indent is None and len(operator_indent) > 1:
            indent = operator_indent
        last = sum(_ends_in_operator(model, instruction) for instruction in instructions)
        return cls(
            2 * lower > len(instructions),
            indent or DEFAULT_INDENT,
            operator_indent or DEFAULT_INDENT,
            len(led) > last,
            model.source.newline,
            model.tree.escape,
        )

    def keyword(self, name: str) -> str:
        """An instruction's keyword: ``COPY`` or ``copy``."""
        return name.lower() if self.is_lower else name.upper()

    @property
    def line_break(self) -> str:
        """What ends one line of an instruction and starts the next."""
        return f" {self.escape}{self.newline}{self.indent}"

    def join(self, commands: Sequence[str]) -> str:
        """The body of a RUN that runs commands one after the other as long as they succeed."""
        if self.operator_first:
            return f" {self.escape}{self.newline}{self.operator_indent}&& ".join(commands)
        return f" &&{self.line_break}".join(commands)

    def with_flags(self, model: Model, instruction: Instruction, flags: Sequence[str]) -> Edit:
        """The edit that puts flags right behind the keyword.

        One flag stays on the keyword's line if that has room for it and is the instruction's only one; otherwise each
        has a line of its own, and so has what follows them. Before a here-document there are no new lines.
        """
        start, end = instruction.keyword.end, instruction.children[1].start
        gap = model.source.text[start:end]
        if "\n" in gap:
            return Edit(start, start, " " + self.line_break.join(flags))
        line = model.source.line_text(model.source.line_of(start))
        is_long = "\n" in model.source.text[start : instruction.content_end]
        is_short = len(flags) == 1 and not is_long and len(line) + len(flags[0]) < MAX_LINE
        if is_short or instruction.heredocs:
            return Edit(start, start, " " + " ".join(flags))
        return Edit(start, end, " " + self.line_break.join((*flags, "")))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _usual(indents: Iterable[str]) -> str | None:
    """The most frequent one, of equally frequent ones the shortest; None if there are none."""
    counted = Counter(indents)
    return max(counted, key=lambda indent: (counted[indent], -len(indent)), default=None)


def _continued(model: Model, instruction: Instruction) -> Iterator[str]:
    """The lines of an instruction after its first one, without comments and here-documents."""
    source = model.source
    last = source.line_of(max(instruction.content_end - 1, instruction.start))
    comments = {source.line_of(comment.start) for comment in instruction.comments}
    for number in range(source.line_of(instruction.start) + 1, last + 1):
        text = source.line_text(number)
        if number not in comments and text.strip():
            yield text


def _ends_in_operator(model: Model, instruction: Instruction) -> int:
    """How many lines of an instruction end in ``&&`` and go on below."""
    text = model.source.text[instruction.start : instruction.content_end]
    escape = model.tree.escape
    return sum(
        line.rstrip().endswith(escape) and line.rstrip()[:-1].rstrip().endswith("&&") for line in text.split("\n")
    )
