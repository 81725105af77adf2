"""What is known of a Dockerfile's past: how often a step would have run again, how often files changed.

A model may have such evidence (``Model.evidence``); rules then weigh their findings by it. Nobody looks it up unless a
rule asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    from dflint.syntax.tree import Instruction

    class Evidence(Protocol):
        """Both methods give None if nothing is known; neither raises."""

        def runs_of(self, instruction: Instruction) -> Frequency | None:
            """In how many of the last commits a step would have run, or may have."""

        def changes_of(self, paths: Iterable[str]) -> Frequency | None:
            """In how many of them one of some files of the context changed; a trailing slash stands for a folder."""


class Frequency(NamedTuple):
    """So many of so many commits."""

    commits: int
    of: int
