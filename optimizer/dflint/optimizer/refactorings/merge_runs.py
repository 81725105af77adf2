"""Joins a RUN to the one above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.refactorings.refactoring import Refactoring
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model
    from dflint.syntax.tree import Instruction

KIND = "mergeRuns"


def offers(model: Model, instruction: Instruction) -> Iterator[Refactoring]:
    """Join it to the RUN above, if both do the same together as apart."""
    from dflint.rules.unmerged_runs import joining

    above = model.instructions[instruction.index - 1] if instruction.index else None
    if not isinstance(instruction, Run) or not isinstance(above, Run) or _flags(above) != _flags(instruction):
        return
    if instruction.exec_form or above.exec_form or instruction.heredocs or above.heredocs:
        return
    fix = joining(above, instruction, model)
    if fix is not None:
        yield Refactoring("Join with the RUN above", KIND, fix.edits)


def _flags(run: Run) -> list[str]:
    return [flag.text for flag in run.flags]
