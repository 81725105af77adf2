"""Whether a WORKDIR of the file holds at the start of a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.syntax.tree import Onbuild, Workdir

if TYPE_CHECKING:
    from dflint.model import Stage


def inherits_workdir(stage: Stage) -> bool:
    """Whether a stage that this one starts from, or a trigger that it runs first, has a WORKDIR."""
    parent = stage.parent
    while parent is not None:
        if any(isinstance(instruction, Workdir) or _is_trigger(instruction) for instruction in parent.instructions):
            return True
        parent = parent.parent
    return False


def _is_trigger(instruction: object) -> bool:
    return isinstance(instruction, Onbuild) and isinstance(instruction.trigger, Workdir)
