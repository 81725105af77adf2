"""Owner and mode by COPY."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.rule_fixes import apply_rules

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.optimizer.draft import Draft, Outcome
    from dflint.optimizer.rewrite import Level


class CopyOwnership:
    """Sets owner and mode on the COPY, in place of a RUN that writes the files a second time."""

    name: ClassVar[str] = "copy-ownership"
    level: ClassVar[Level] = "safe"
    description: ClassVar[str] = (
        "Sets owner and mode on the COPY, in place of a RUN that writes the files a second time."
    )

    def run(self, draft: Draft) -> Outcome:
        """Apply what the rules offer."""
        return apply_rules(draft, self.name, ("copy-up-duplication",))
