"""Did-you-mean: the nearest of some names.

``difflib`` would do, but costs 2 ms to import, and a slip of the pen is better counted in edits than in common parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``name`` is probably a slip of: one edit away, two if it is long; None if there is none."""
    most = 0 if len(name) < 2 else 1 if len(name) < 6 else 2
    found: str | None = None
    for candidate in candidates:
        distance = edit_distance(name, candidate, most)
        if distance <= most:
            found = candidate
            most = distance - 1
        if most < 0:
            break
    return found


def edit_distance(a: str, b: str, most: int) -> int:
    """Characters to insert, delete, replace or swap with a neighbour to make ``a`` of ``b``; ``most + 1`` if more."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    above = list(range(len(b) + 1))
    for i, char in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            best = above[j - 1] if char == other else 1 + min(above[j - 1], above[j], row[j - 1])
            if i > 1 and j > 1 and char == b[j - 2] and a[i - 2] == other:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
        before, above = above, row
    return min(above[-1], most + 1)
