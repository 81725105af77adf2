"""Stages that no build reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit
from dflint.optimizer.draft import Outcome
from dflint.optimizer.rewrite import LEVELS, Change

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.model import Model, Stage
    from dflint.optimizer.draft import Draft
    from dflint.optimizer.rewrite import Level


class DeadStages:
    """Removes stages that nothing uses: BuildKit skips them, readers and other builders do not.

    One with a name may be what somebody builds by ``--target``: it goes at level aggressive only, and not if compose
    or bake may build it.
    """

    name: ClassVar[str] = "dead-stages"
    level: ClassVar[Level] = "safe"
    description: ClassVar[str] = "Removes stages that nothing uses and that have no name to build them by."

    def run(self, draft: Draft) -> Outcome:
        """Remove them."""
        model = draft.model
        dead = [stage for stage in model.stages if not stage.is_reachable]
        if not dead or draft.settings.has_siblings or draft.settings.target is not None or _counts(model):
            return Outcome()
        may_be_named = LEVELS.index(draft.settings.level) >= LEVELS.index("aggressive")
        last = {stage.name: stage for stage in model.stages if stage.name}
        gone = [stage for stage in dead if may_be_named or not stage.name or last[stage.name] is not stage]
        gone = [stage for stage in gone if not _uses_arguments(model, stage, gone)]
        gone = [stage for stage in gone if not _used_by(stage, [other for other in dead if other not in gone])]
        edits = tuple(_removal(draft, stage) for stage in gone)
        changes = tuple(self._change(stage, last.get(stage.name or "") is stage) for stage in gone)
        return Outcome(edits, changes)

    def _change(self, stage: Stage, has_name: bool) -> Change:
        told = f"stage {stage.name}" if stage.name else f"stage {stage.index}"
        assumes = (f"nobody builds stage {stage.name} by --target",) if has_name else ()
        return Change(self.name, f"Remove {told}", "no other stage needs it, so nothing of it is built", "", assumes)


def _counts(model: Model) -> bool:
    """Whether something names a stage by its number."""
    return any(
        (flag := instruction.flag("from")) is not None and (flag.text.lstrip("+-").isdigit() or "$" in flag.text)
        for instruction in model.instructions
        if instruction.name == "COPY"
    )


def _uses_arguments(model: Model, stage: Stage, gone: list[Stage]) -> bool:
    """Whether its FROM has variables that no other FROM has: an ARG would be left over."""
    word = stage.from_.image
    others = [s.from_.image for s in model.stages if s not in gone and s.from_.image is not None]
    names = {use.name for other in others for use in other.variables}
    return word is not None and any(use.name not in names for use in word.variables)


def _used_by(stage: Stage, others: list[Stage]) -> bool:
    """Whether one of some stages needs it, directly or through others."""
    pending, seen = list(others), set[int]()
    while pending:
        other = pending.pop()
        if other is stage:
            return True
        if other.index not in seen:
            seen.add(other.index)
            pending += [*other.parents, *other.uses]
    return False


def _removal(draft: Draft, stage: Stage) -> Edit:
    """A stage goes with the comments above its FROM and inside; what stands above the next FROM stays."""
    text = draft.text
    last = stage.instructions[-1] if stage.instructions else stage.from_
    if stage.index:
        return Edit(draft.model.instructions[stage.from_.index - 1].full_end, last.full_end, "")
    end = last.full_end
    while text[end : end + 1] in ("\r", "\n"):
        end += 1
    return Edit(text.rfind("\n", 0, stage.start) + 1, end, "")
