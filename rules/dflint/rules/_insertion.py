"""Where a new instruction goes that is put before another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dflint.model import Model
    from dflint.syntax.tree import Instruction


def place_before(instruction: Instruction, model: Model) -> int:
    """The offset of the line start before which to insert: above the comment lines right above the instruction."""
    source = model.source
    line = source.line_of(instruction.start)
    comments = {source.line_of(c.start) for c in model.tree.comments if not c.in_instruction}
    while line - 1 in comments:
        line -= 1
    return source.line_span(line).start
