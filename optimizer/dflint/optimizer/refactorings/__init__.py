"""Changes of form that somebody asks for at a place: the image does the same before and after.

One module a refactoring, each with ``KIND`` and ``offers(model, instruction)``; what cannot be shown to keep the
meaning is not offered.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from dflint.optimizer.refactorings.refactoring import Refactoring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model

__all__ = ["NAMES", "Refactoring", "refactorings_at"]

NAMES = ("merge_runs", "split_run", "heredoc", "exec_form", "shell_form")


def refactorings_at(model: Model, start: int, end: int) -> Iterator[Refactoring]:
    """What can be done to the instructions that a range touches."""
    for instruction in model.instructions:
        if instruction.start <= end and instruction.end >= start:
            for name in NAMES:
                yield from import_module(f"{__name__}.{name}").offers(model, instruction)
