"""Makes a RUN of each step of a chain."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from dflint.findings import Edit
from dflint.optimizer.refactorings.refactoring import Refactoring, chain_of, is_self_contained
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model
    from dflint.syntax.tree import Instruction

KIND = "splitRun"


def offers(model: Model, instruction: Instruction) -> Iterator[Refactoring]:
    """Split it, if no step leaves something in the shell, or in a mount, for later ones."""
    if not isinstance(instruction, Run) or instruction.heredocs or instruction.is_onbuild_trigger:
        return
    if any(mount.type == "tmpfs" or (mount.type == "bind" and not mount.read_only) for mount in instruction.mounts):
        return
    chain = chain_of(model, instruction)
    if chain is None or len(chain) < 2 or not is_self_contained(chain):
        return
    text = model.source.text
    start = chain[0].start
    head = text[instruction.start : start]
    if "\n" in head:
        return
    edits = []
    for before, after in pairwise(chain):
        edits.append(Edit(before.end, after.start, f"{model.source.newline}{head}"))
    yield Refactoring("Split into a RUN for each step", KIND, tuple(edits))
