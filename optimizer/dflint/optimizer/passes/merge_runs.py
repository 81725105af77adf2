"""Fewer layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.rule_fixes import apply_rules

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.optimizer.draft import Draft, Outcome
    from dflint.optimizer.rewrite import Level


class MergeRuns:
    """Joins neighbouring RUNs that belong together."""

    name: ClassVar[str] = "merge-runs"
    level: ClassVar[Level] = "safe"
    description: ClassVar[str] = "Joins neighbouring RUNs that belong together."

    def run(self, draft: Draft) -> Outcome:
        """Apply what the rules offer."""
        return apply_rules(draft, self.name, ("unmerged-runs",))
