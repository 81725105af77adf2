"""Manifests before sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.rule_fixes import apply_rules

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.optimizer.draft import Draft, Outcome
    from dflint.optimizer.rewrite import Level

_TAKEN = {"cache-busting-copy": "installing needs nothing of the project but its manifests and lock files"}


class ManifestFirst:
    """Copies manifests and lock files before the sources, so that an edit does not install dependencies anew."""

    name: ClassVar[str] = "manifest-first"
    level: ClassVar[Level] = "safe"
    description: ClassVar[str] = (
        "Copies manifests and lock files before the sources, so that an edit does not install dependencies anew."
    )

    def run(self, draft: Draft) -> Outcome:
        """Apply what the rules offer."""
        return apply_rules(draft, self.name, ("cache-busting-copy",), _TAKEN)
