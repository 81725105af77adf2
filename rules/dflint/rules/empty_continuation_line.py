from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Instruction


class EmptyContinuationLine(Rule):
    """An instruction that goes over several lines has a blank line in it.

    ## Why is this bad?

    The instruction does not end there, against all appearance: what follows the blank line still belongs to it, be it
    meant as the next instruction. BuildKit warns that it will refuse such lines in the future.

    ## Exceptions

    Comment lines, which may stand between the lines of an instruction, and here-documents.

    ## Fix safety

    The fix removes the blank lines, which the builder skips. If the line above was meant to be the last one, its
    continuation character has to go instead.
    """

    name = "empty-continuation-line"
    category = "style"
    level = "warning"
    aliases = ("NoEmptyContinuation",)
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\nRUN apt-get update \\\n\n  && apt-get upgrade\n",
            at=("\n",),
            fixed="FROM debian:12\nRUN apt-get update \\\n  && apt-get upgrade\n",
        ),
        Bad(
            "FROM debian:12\r\nrun a && \\\r\n  \r\n\r\n  # why\r\n\t\r\n  b\r\n",
            at=("  \r\n\r\n",),
            fixed="FROM debian:12\r\nrun a && \\\r\n  # why\r\n  b\r\n",
        ),
        Bad(
            "FROM debian:12\nONBUILD RUN a && \\\n\n  b\n",
            at=("\n",),
            fixed="FROM debian:12\nONBUILD RUN a && \\\n  b\n",
        ),
        Bad("FROM debian:12\nRUN make \\\n\nCMD a\n", at=("\n",), fixed="FROM debian:12\nRUN make \\\nCMD a\n"),
        Bad(
            "# escape=`\nFROM debian:12\nRUN a `\n\n  b\n",
            at=("\n",),
            fixed="# escape=`\nFROM debian:12\nRUN a `\n  b\n",
        ),
    )
    good = (
        Good("FROM debian:12\nRUN a && \\\n  # why\n  b\n"),
        Good("FROM debian:12\n\nRUN a\n\n"),
        Good("FROM debian:12\nRUN <<EOF\na\n\nb\nEOF\n"),
        Good("FROM debian:12\nRUN a \\\n"),
    )

    def check_instruction(self, instruction: Instruction, model: Model) -> Iterator[Finding]:
        if not instruction.blank_lines:
            return
        edits: list[Edit] = []
        for start, end in instruction.blank_lines:
            if edits and edits[-1].end == start:
                edits[-1] = Edit(edits[-1].start, end, "")
            else:
                edits.append(Edit(start, end, ""))
        title = "Remove the blank line" if len(instruction.blank_lines) == 1 else "Remove the blank lines"
        message = f"this blank line does not end the {instruction.name}, and will be refused in the future"
        yield self.finding(edits[0], message, Fix.of(title, "safe", edits))
