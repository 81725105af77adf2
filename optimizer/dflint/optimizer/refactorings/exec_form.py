"""Turns a command in shell form into its exec form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.refactorings.refactoring import Refactoring
from dflint.syntax.tree import CommandInstruction, Healthcheck, Shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model
    from dflint.syntax.tree import Instruction

KIND = "execForm"


def offers(model: Model, instruction: Instruction) -> Iterator[Refactoring]:
    """Only if the command needs nothing of a shell."""
    from dflint.rules.shell_form_command import exec_form

    if not isinstance(instruction, CommandInstruction) or isinstance(instruction, Shell) or instruction.exec_form:
        return
    if instruction.heredocs or (isinstance(instruction, Healthcheck) and instruction.shell_text is None):
        return
    if model.environment_before(instruction).is_shell_set:
        return
    fix = exec_form(instruction, model)
    if fix is not None:
        process = "" if instruction.name == "RUN" else ": the program gets the signals itself"
        yield Refactoring(f"Use the exec form{process}", KIND, fix.edits)
