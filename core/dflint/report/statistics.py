"""A count for each rule, the most frequent first; ``*`` marks rules with findings that a fix settles."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dflint.report.base import Totals


def statistics(totals: Totals) -> str:
    """The table as text: count, mark, rule."""
    ordered = sorted(totals.rules.items(), key=lambda item: (-item[1], item[0]))
    width = len(str(ordered[0][1])) if ordered else 0
    return "".join(
        f"{count:>{width}}  [{'*' if rule in totals.fixable_rules else ' '}]  {rule}\n" for rule, count in ordered
    )
