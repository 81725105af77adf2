"""What rules say: findings, fixes and text edits. All places are offsets into the linted text.

Named tuples rather than data classes: they are as frozen, and spare every start the 10 ms of ``import dataclasses``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

Level = Literal["error", "warning", "info"]
Category = Literal[
    "syntax",
    "base",
    "cache",
    "size",
    "context",
    "correctness",
    "security",
    "reproducibility",
    "style",
    "labels",
    "shell",
]
Applicability = Literal["safe", "unsafe", "manual"]
"""safe: the image's meaning is provably kept; unsafe: it may change; manual: shown, never applied."""

LEVELS: tuple[Level, ...] = ("error", "warning", "info")


class Edit(NamedTuple):
    """Replace ``text[start:end]`` by ``text``; an insertion has ``start == end``."""

    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """A change that settles a finding.

    ``title`` completes "Fix: ...", starts with a capital and has no full stop. ``edits`` do not overlap and are sorted.
    ``removes`` are start offsets of instructions that the fix means to delete or to merge away; the fixer
    withholds a result that loses any other instruction.
    """

    title: str
    applicability: Applicability
    edits: tuple[Edit, ...]
    removes: tuple[int, ...] = ()

    @classmethod
    def of(cls, title: str, applicability: Applicability, edits: Iterable[Edit], removes: Iterable[int] = ()) -> Fix:
        """A fix with its edits put in order."""
        return cls(title, applicability, tuple(sorted(edits, key=lambda e: (e.start, e.end))), tuple(removes))


class Finding(NamedTuple):
    """One place where a rule does not hold: ``start`` to ``end`` are offsets, ``end`` exclusive."""

    rule: str
    message: str
    level: Level
    start: int
    end: int
    fix: Fix | None = None
    code: str = ""
    """Which of a rule's kinds of findings this is, of rules that have several: ``SC2086``."""

    @property
    def name(self) -> str:
        """The shortest selector that means this kind of finding: its code, or else its rule."""
        return self.code or self.rule


class InternalError(NamedTuple):
    """Something that dflint itself could not do; never the linted file's fault."""

    path: str
    """The file at hand, empty if it is about no file."""
    message: str
    rule: str | None = None

    def __str__(self) -> str:
        parts = (self.path, f"rule {self.rule}" if self.rule else "", self.message)
        return ": ".join(filter(None, parts))
