"""Splitting the stage that ships into one that builds and one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.draft import Outcome
from dflint.optimizer.rewrite import Change, Refusal
from dflint.optimizer.runtime_bases import NoBase, runtime_base

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.model import Stage
    from dflint.optimizer.draft import Draft
    from dflint.optimizer.rewrite import Level
    from dflint.optimizer.runtime_bases import RuntimeBase
    from dflint.optimizer.split.packages import Packages
    from dflint.optimizer.split.plan import Plan
    from dflint.optimizer.split.view import View


class SplitStages:
    """Builds in a stage of its own and ships what was built on a base without the tools."""

    name: ClassVar[str] = "split-stages"
    level: ClassVar[Level] = "multi-stage"
    description: ClassVar[str] = (
        "Builds in a stage of its own, and ships the result on a base without the build's tools."
    )

    def run(self, draft: Draft) -> Outcome:
        """Split the stage that is built, if that is shown to keep what the image does."""
        from dflint.optimizer.split.gate import refusal_of
        from dflint.optimizer.split.plan import plan_split
        from dflint.optimizer.split.render import render
        from dflint.optimizer.split.view import View
        from dflint.optimizer.split.wants import wants_of

        stage = draft.model.target
        assert stage is not None
        base = runtime_base(stage)
        if isinstance(base, NoBase):
            return self._refused(base.reason, draft, stage)
        refusal = refusal_of(draft, stage)
        if refusal is not None:
            return self._refused(refusal, draft, stage)
        view = View(draft, stage)
        packages = wants_of(view, base)
        if isinstance(packages, str):
            return self._refused(packages, draft, stage)
        if base.is_same and not packages.dropped:
            return self._refused("its base is light, and it installs nothing that only a build needs", draft, stage)
        plan = plan_split(view, base, packages, self.name)
        if isinstance(plan, Refusal):
            return Outcome(refusals=(plan,))
        if base.is_same and not plan.builder:
            return self._refused("the packages for building are used by nothing that is known", draft, stage)
        return Outcome(text=render(draft, stage, plan), changes=tuple(self._changes(view, base, plan, packages)))

    def _refused(self, reason: str, draft: Draft, stage: Stage) -> Outcome:
        return Outcome(refusals=(Refusal(self.name, "kept one stage", reason, draft.line_of(stage.start)),))

    def _changes(self, view: View, base: RuntimeBase, plan: Plan, packages: Packages) -> list[Change]:
        made = []
        was = view.stage.base_text or ""
        drops = ", ".join(filter(None, (base.drops, _list(packages.dropped))))
        notes = "; ".join(plan.notes)
        reason = f"{drops or was} {'are' if drops else 'is'} needed to build, not to run" + (
            f"; {notes}" if notes else ""
        )
        if plan.builder:
            title = f"Build in a stage of its own, ship on {base.reference.text}"
        else:
            title = f"Start from {base.reference.text}"
        made.append(Change(self.name, title, reason, f"the image is without {drops}" if drops else "", plan.assumes))
        return made


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
