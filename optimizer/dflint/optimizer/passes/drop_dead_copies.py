"""Copies at the end of a building stage that nothing asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit
from dflint.optimizer.draft import Outcome
from dflint.optimizer.rewrite import Change
from dflint.optimizer.split.view import is_within
from dflint.syntax.tree import Copy, Run, Transfer

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.model import Model, Stage
    from dflint.optimizer.draft import Draft
    from dflint.optimizer.rewrite import Level


class DropDeadCopies:
    """Removes a COPY behind the last RUN of a building stage, if no other stage takes its files."""

    name: ClassVar[str] = "drop-dead-copies"
    level: ClassVar[Level] = "multi-stage"
    description: ClassVar[str] = (
        "Removes a COPY behind the last RUN of a building stage, if no other stage takes its files."
    )

    def run(self, draft: Draft) -> Outcome:
        """Remove them; what they brought is nowhere asked for."""
        edits = [
            Edit(_line_start(draft, copy), copy.full_end, "")
            for stage in draft.model.stages
            for copy in _dead(draft.model, stage)
        ]
        if not edits:
            return Outcome()
        title = "Remove the COPY of sources from the stage that only installs"
        return Outcome(
            tuple(edits), (Change(self.name, title, "no other stage takes the files, and no step reads them"),)
        )


def _dead(model: Model, stage: Stage) -> list[Transfer]:
    if stage.is_shipped or stage.used_as_base or not stage.users:
        return []
    runs = [n for n, instruction in enumerate(stage.instructions) if isinstance(instruction, Run)]
    if not runs:
        return []
    taken = _taken(model, stage)
    found = []
    for instruction in stage.instructions[runs[-1] + 1 :]:
        if isinstance(instruction, Transfer) and taken is not None and not instruction.heredocs:
            environment = model.environment_before(instruction)
            text = environment.expand(instruction.destination) if instruction.destination is not None else None
            target = environment.resolve_path(text) if text is not None else None
            if target is not None and not any(_may_bring(model, instruction, target, path) for path in taken):
                found.append(instruction)
    return found


def _may_bring(model: Model, transfer: Transfer, target: str, path: str) -> bool:
    """Whether a COPY to ``target`` may bring something at or below ``path``."""
    if is_within(target, path):
        return True
    if not is_within(path, target):
        return False
    context = model.context
    if context is None or transfer.flag("from") is not None or len(transfer.sources) != 1:
        return True
    source = model.environment_before(transfer).expand(transfer.sources[0])
    entry = context.resolve(source) if source is not None and not any(char in source for char in "*?[") else None
    if entry is None or entry.kind != "dir":
        return True
    return context.is_sent(f"{entry.path}/{path[len(target) :].strip('/')}".strip("/"))


def _taken(model: Model, stage: Stage) -> list[str] | None:
    """The paths that other stages take from a stage; None if that is not known, or a RUN mounts it."""
    paths = []
    for user in stage.users:
        for instruction in user.instructions:
            if stage not in model.stages_named_by(instruction):
                continue
            if not isinstance(instruction, Copy):
                return None
            for word in instruction.sources:
                source = model.environment_before(instruction).expand(word)
                if source is None or any(char in source for char in "*?["):
                    return None
                paths.append("/" + source.strip("/"))
    return paths


def _line_start(draft: Draft, copy: Transfer) -> int:
    """The start of its line, comments right above it included."""
    instructions = draft.model.instructions
    return instructions[copy.index - 1].full_end if copy.index else copy.start
