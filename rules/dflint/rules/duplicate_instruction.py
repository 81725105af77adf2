from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Copy, Run, Transfer, Workdir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Instruction

_KINDS = frozenset(("RUN", "COPY", "ADD", "WORKDIR", "USER", "SHELL", "VOLUME", "ARG"))


class DuplicateInstruction(Rule):
    """The same instruction stands twice in a row.

    ## Why is this bad?

    The second one does nothing but make a layer more, and whoever edits one of them later wonders about the other. It
    is mostly left over from a merge, or was meant to say something else.

    ## Exceptions

    Silent for a relative WORKDIR, which goes one folder deeper each time, and for ENV, LABEL and EXPOSE, whose
    repeated names have rules of their own. Only blanks and comments may stand between the two.

    ## Fix safety

    Safe to remove for COPY and for what only sets something; unsafe for RUN, which may do something else the second
    time, and for ADD, which may download. There is no fix for an instruction with comments between its lines.
    """

    name = "duplicate-instruction"
    category = "correctness"
    level = "info"
    since = "0.1.0"
    tag = "unnecessary"

    bad = (
        Bad(
            "FROM debian:12\nRUN apt-get update\n# again\nRUN  apt-get update\nUSER app\n",
            at=("RUN  apt-get update",),
            fixed="FROM debian:12\nRUN apt-get update\n# again\nUSER app\n",
        ),
        Bad(
            "FROM debian:12\nCOPY a \\\n  b /app/\ncopy a b /app/\n",
            at=("copy a b /app/",),
            fixed="FROM debian:12\nCOPY a \\\n  b /app/\n",
        ),
        Bad(
            "FROM debian:12\nUSER app\nUSER app\nWORKDIR /app\nWORKDIR /app\n",
            at=("USER app", "WORKDIR /app"),
            fixed="FROM debian:12\nUSER app\nWORKDIR /app\n",
        ),
    )
    good = (
        Good("FROM debian:12\nWORKDIR a\nWORKDIR a\n"),
        Good("FROM debian:12\nRUN make\nRUN make install\n"),
        Good("FROM debian:12\nCOPY a /a\nRUN make\nCOPY a /a\n"),
        Good("FROM debian:12\nENV A=1\nENV A=1\n"),
        Good("FROM debian:12 AS a\nRUN make\nFROM debian:12\nRUN make\n"),
        Good("FROM debian:12\nRUN cat <<EOF >/a\n1\nEOF\nRUN cat <<EOF >/a\n2\nEOF\n"),
        Good('FROM debian:12\nRUN echo "a b" >>/x\nRUN echo "a  b" >>/x\n'),
        Good("FROM debian:12\nRUN echo >>/x\nRUN echo >>/x\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        before: Instruction | None = None
        for instruction in stage.instructions:
            if before is not None and before.name == instruction.name and _is_same(before, instruction, model):
                line = model.source.line_of(before.start)
                message = f"{instruction.name} repeats the instruction of line {line}"
                yield self.finding(instruction, message, _fix(instruction, model))
            else:
                before = instruction


def _is_same(one: Instruction, other: Instruction, model: Model) -> bool:
    if one.name not in _KINDS:
        return False
    texts = [_normal(instruction) for instruction in (one, other)]
    if texts[0] != texts[1] or not texts[0]:
        return False
    if isinstance(other, Workdir):
        path = model.environment_before(other).expand(other.value) if other.value is not None else None
        return path is not None and path.startswith("/")
    return not (isinstance(other, Run) and (">>" in other.line.text or any(">>" in b for b in texts[0])))


def _normal(instruction: Instruction) -> tuple[str, ...]:
    """What an instruction says, the blanks between its words left out where there are no quotes."""
    text = instruction.line.text
    rest = text[len(instruction.keyword.text) :].strip() if text.startswith(instruction.keyword.text) else text.strip()
    if not any(char in rest for char in "\"'\\`"):
        rest = " ".join(rest.split())
    return (rest, *[heredoc.body.value for heredoc in instruction.heredocs])


def _fix(instruction: Instruction, model: Model) -> Fix | None:
    if instruction.comments:
        return None
    source = model.source
    start = source.line_span(source.line_of(instruction.start)).start
    is_safe = not isinstance(instruction, (Run, Transfer)) or isinstance(instruction, Copy)
    edit = Edit(start, instruction.full_end, "")
    return Fix.of(f"Remove the second {instruction.name}", "safe" if is_safe else "unsafe", [edit], [instruction.start])
