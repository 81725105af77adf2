"""Findings about the build cache, weighed by what is known of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Run

ENOUGH = 10
"""Commits from which a history says something."""
RARELY = 0.05
"""The share of commits below which it is but worth a word."""


def weighed_by_manifests(finding: Finding, run: Run, paths: Iterable[str], model: Model) -> Finding | None:
    """A finding that a RUN runs again for files it does not need, weighed by how often that was so.

    ``paths`` are the files that it does need. None if it was never so: then all that changed was needed.
    """
    evidence = model.evidence
    runs = evidence.runs_of(run) if evidence is not None else None
    if evidence is None or runs is None or runs.of < ENOUGH:
        return finding
    needed = evidence.changes_of(paths)
    wanted = min(needed.commits, runs.commits) if needed is not None else 0
    if wanted == runs.commits:
        return None
    told = f" (ran anew in {runs.commits} of the last {runs.of} commits, {wanted} called for it)"
    return _leveled(finding._replace(message=finding.message + told), (runs.commits - wanted) / runs.of)


def weighed_by_cache(finding: Finding, run: Run, model: Model) -> Finding | None:
    """A finding that a RUN never comes from the cache, weighed by how often it could have; None if never."""
    evidence = model.evidence
    runs = evidence.runs_of(run) if evidence is not None else None
    if runs is None or runs.of < ENOUGH:
        return finding
    spared = runs.of - runs.commits
    if not spared:
        return None
    told = f" ({spared} of the last {runs.of} commits would have found it in the cache)"
    return _leveled(finding._replace(message=finding.message + told), spared / runs.of)


def _leveled(finding: Finding, share: float) -> Finding:
    return finding._replace(level="info") if share < RARELY else finding
