"""Caches of package managers, removed where they arise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.rule_fixes import apply_rules

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.optimizer.draft import Draft, Outcome
    from dflint.optimizer.rewrite import Level


_RULES = (
    "apt-update-alone", "apt-lists-left", "package-cache-left", "pip-cache-left", "apk-cache-left",
    "cache-mount-defeated", "cache-mount-wrong-home",
)  # fmt: skip
"""Not among them: yarn-cache-left, as a later Yarn runs programs from its cache, and recommended-packages, as what is
recommended may be in use."""


class PackageHygiene:
    """Leaves no package lists and download caches in the layer of the RUN that makes them."""

    name: ClassVar[str] = "package-hygiene"
    level: ClassVar[Level] = "safe"
    description: ClassVar[str] = "Leaves no package lists and download caches in the layer of the RUN that makes them."

    def run(self, draft: Draft) -> Outcome:
        """Apply what the rules offer."""
        return apply_rules(
            draft,
            self.name,
            _RULES,
        )
