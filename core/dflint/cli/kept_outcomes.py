"""Outcomes of earlier runs and of this one, in the order of the paths."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from dflint.cli.workers import PAYS_FROM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dflint.report.base import FileOutcome

WINDOW = 400
"""Files after which those of them that have to be linted are, so that not too much waits for them."""


def with_kept(
    paths: Iterable[str],
    kept: Callable[[str], FileOutcome | None],
    linted: Callable[[Iterable[str]], Iterator[FileOutcome]],
) -> Iterator[FileOutcome]:
    """The outcome of each file: the one that is ``kept``, or else what comes of it when it is ``linted``."""
    remaining = iter(paths)
    waiting: deque[FileOutcome | None] = deque()
    """The outcomes that are not given yet; None for a file that has to be linted."""
    missing: list[str] = []
    for path in remaining:
        outcome = kept(path)
        if outcome is not None and not waiting:
            yield outcome
            continue
        waiting.append(outcome)
        if outcome is None:
            missing.append(path)
        if len(missing) == PAYS_FROM:  # many have to be linted: let all others follow in one go
            break
        if len(waiting) == WINDOW:
            yield from _merged(waiting, linted(missing))
            missing = []

    def to_lint() -> Iterator[str]:
        yield from missing
        for path in remaining:
            outcome = kept(path)
            waiting.append(outcome)
            if outcome is None:
                yield path

    if missing:
        yield from _merged(waiting, linted(to_lint()))


def _merged(waiting: deque[FileOutcome | None], linted: Iterator[FileOutcome]) -> Iterator[FileOutcome]:
    """What waits, with each None replaced by the next of ``linted``, which may let more wait."""
    for outcome in linted:
        while (kept := waiting.popleft()) is not None:
            yield kept
        yield outcome
    for kept in waiting:
        assert kept is not None
        yield kept
    waiting.clear()
