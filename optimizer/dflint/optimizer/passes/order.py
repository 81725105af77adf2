"""What changes often comes last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.rule_fixes import apply_rules
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.optimizer.draft import Draft, Outcome
    from dflint.optimizer.rewrite import Level


_TAKEN = {"volatile-before-expensive": "package managers do not read the argument from their environment"}
_READ_NOTHING = frozenset(("cheap", "system"))


class Order:
    """Moves what changes with every build below what takes long."""

    name: ClassVar[str] = "order"
    level: ClassVar[Level] = "safe"
    description: ClassVar[str] = "Moves what changes with every build below what takes long."

    def run(self, draft: Draft) -> Outcome:
        """Apply what the rules offer."""
        return apply_rules(draft, self.name, ("volatile-before-expensive",), _TAKEN, _passes_packages)


def _passes_packages(finding: Finding, model: Model) -> bool:
    """Whether the argument moves past nothing but commands that surely do not read it: a build might."""
    from dflint.rules._workload import kind_of

    edits = finding.fix.edits if finding.fix is not None else ()
    first, last = min(edit.start for edit in edits), max(edit.end for edit in edits)
    passed = [i for i in model.instructions if isinstance(i, Run) and first <= i.start < last]
    return all(
        model.script_of(run) is not None
        and all(kind_of(command) in _READ_NOTHING for command in model.commands_of(run))
        for run in passed
    )
