"""What changes often comes last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.rule_fixes import apply_rules

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.optimizer.draft import Draft, Outcome
    from dflint.optimizer.rewrite import Level


class Order:
    """Moves what changes with every build below what takes long."""

    name: ClassVar[str] = "order"
    level: ClassVar[Level] = "safe"
    description: ClassVar[str] = "Moves what changes with every build below what takes long."

    def run(self, draft: Draft) -> Outcome:
        """Apply what the rules offer."""
        return apply_rules(draft, self.name, ("volatile-before-expensive",))
