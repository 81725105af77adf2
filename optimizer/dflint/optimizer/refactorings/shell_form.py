"""Turns a command in exec form into its shell form."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from dflint.findings import Edit
from dflint.optimizer.refactorings.refactoring import Refactoring
from dflint.syntax.tree import CommandInstruction, Entrypoint, Shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model
    from dflint.syntax.tree import Instruction

KIND = "shellForm"


def offers(model: Model, instruction: Instruction) -> Iterator[Refactoring]:
    """Not of an ENTRYPOINT, which would lose its arguments, nor of arguments of one."""
    if not isinstance(instruction, CommandInstruction) or isinstance(instruction, (Shell, Entrypoint)):
        return
    if not instruction.exec_form or not instruction.words or instruction.comments:
        return
    stage = model.stage_of(instruction)
    if instruction.name == "CMD" and (stage is None or any(one.name == "ENTRYPOINT" for one in stage.instructions)):
        return
    words = [word.text for word in instruction.words]
    if model.environment_before(instruction).is_shell_set or any("\n" in word or not word for word in words):
        return
    start, end = instruction.arguments_span
    if instruction.name == "HEALTHCHECK":
        start = model.source.text.index("[", start, end)
    text = " ".join(shlex.quote(word) for word in words)
    if "\\" in text or text.startswith("["):
        return
    process = "" if instruction.name == "RUN" else ": a shell becomes the first process"
    yield Refactoring(f"Use the shell form{process}", KIND, (Edit(start, end, text),))
