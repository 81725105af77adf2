"""What an optimization gives: the new text, what was changed and why, and what was not."""

from __future__ import annotations

from typing import Literal

from dflint.record import NamedTuple

Level = Literal["safe", "multi-stage", "aggressive"]
"""How far a rewrite may go; each level takes in those before it.

safe: the image stays the same, or loses caches alone; multi-stage: what builds moves to a stage of its own, the final
image keeps distribution and release; aggressive: another base family, fewer files, for the user to judge.
"""
LEVELS: tuple[Level, ...] = ("safe", "multi-stage", "aggressive")


class Change(NamedTuple):
    """Something that a pass did. ``title`` completes "Change: ...", starts with a capital and has no full stop."""

    pass_name: str
    title: str
    reason: str
    effect: str = ""
    """What is expected of it: ``no compilers in the image``; empty if nothing certain can be said."""
    assumes: tuple[str, ...] = ()
    """What it takes for granted that the files alone do not show; a build proves or refutes it."""


class Refusal(NamedTuple):
    """Something that a pass did not do, and why."""

    pass_name: str
    title: str
    """What was not done: ``kept the full image``."""
    reason: str
    line: int = 0
    """The line of the original that stands in the way, from 1; 0 if it is no single one."""


class Rewrite(NamedTuple):
    """The result of ``optimize``. Equal texts mean that there is nothing to do."""

    original: str
    text: str
    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    dockerignore: str | None = None
    """The text of the ignore file that belongs to it; None if the one that is there (or none) will do."""

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return self.text != self.original or self.dockerignore is not None

    @property
    def assumes(self) -> tuple[str, ...]:
        """What all changes take for granted, each once."""
        return tuple(dict.fromkeys(text for change in self.changes for text in change.assumes))
