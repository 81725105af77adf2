"""What each line of an ignore file keeps out of the context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.context.dockerignore import parse_ignore
from dflint.record import NamedTuple
from dflint.waste.sizes import Amount

if TYPE_CHECKING:
    from dflint.context import BuildContext
    from dflint.context.dockerignore import IgnorePattern


class LineAmount(NamedTuple):
    """A line, by its number in the file (from 1), and what is left out because of it."""

    line: int
    text: str
    is_there: bool
    """Whether the old text has it too."""
    amount: Amount


def amounts_by_line(context: BuildContext, old: str, new: str) -> tuple[LineAmount, ...]:
    """What the lines of ``new`` leave out, each path counted for the line that decides about it; exceptions count 0.

    Ignored folders are looked into, so this may take long where they are large.
    """
    ignore = parse_ignore(new)
    there = len(parse_ignore(old).patterns)
    files = dict.fromkeys((pattern.line for pattern in ignore.patterns), 0)
    sizes = dict(files)
    under = context.with_ignore(ignore)
    pending: list[tuple[str, IgnorePattern | None]] = [("", None)]
    while pending:
        folder, above = pending.pop()
        for entry in under.entries(folder):
            # Below an ignored folder all is decided by the same line, unless an exception reaches in there.
            if not entry.is_ignored:
                pattern = None
            elif above is not None and not ignore.may_send_below(folder):
                pattern = above
            else:
                pattern = ignore.deciding(entry.path)
            if entry.kind == "dir":
                pending.append((entry.path, pattern))
            elif pattern is not None and not pattern.negated:
                files[pattern.line] += 1
                sizes[pattern.line] += entry.size
    return tuple(
        LineAmount(pattern.line, pattern.text, index < there, Amount(files[pattern.line], sizes[pattern.line]))
        for index, pattern in enumerate(ignore.patterns)
    )
