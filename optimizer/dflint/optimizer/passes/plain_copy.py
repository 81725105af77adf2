"""COPY in the place of ADD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.rule_fixes import apply_rules

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.optimizer.draft import Draft, Outcome
    from dflint.optimizer.rewrite import Level


class PlainCopy:
    """Uses COPY where ADD does nothing more."""

    name: ClassVar[str] = "plain-copy"
    level: ClassVar[Level] = "safe"
    description: ClassVar[str] = "Uses COPY where ADD does nothing more."

    def run(self, draft: Draft) -> Outcome:
        """Apply what the rules offer."""
        return apply_rules(draft, self.name, ("add-instead-of-copy",))
