from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Cmd, Entrypoint, Healthcheck

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Instruction


class RepeatedInstruction(Rule):
    """A CMD, ENTRYPOINT or HEALTHCHECK is void, as the same stage has a later one.

    ## Why is this bad?

    Only the last one counts. Whoever reads or edits the earlier one changes nothing and does not notice. Two that were
    meant to run side by side need a process manager or two containers.

    ## Exceptions

    One in another stage is no repetition: a stage may replace what it inherits. Triggers of ONBUILD do not count.

    ## Fix safety

    Safe: each of these instructions replaces all that an earlier one of the same stage has set, flags of HEALTHCHECK
    included, so the image is the same without it. The comments above it stay. There is no fix if comments stand between
    its lines.

    ## Differs from hadolint

    DL3012, DL4003 and DL4004 report the later instructions, this rule and BuildKit (validateUsedOnce) the void ones.
    """

    name = "repeated-instruction"
    category = "correctness"
    level = "warning"
    aliases = ("MultipleInstructionsDisallowed", "DL3012", "DL4003", "DL4004")
    since = "0.1.0"
    tag = "unnecessary"

    bad = (
        Bad(
            'FROM alpine:3.20\n# first\nCMD ["a"]\nRUN make\nCMD ["b"]\n',
            at=('CMD ["a"]',),
            fixed='FROM alpine:3.20\n# first\nRUN make\nCMD ["b"]\n',
        ),
        Bad(
            "FROM alpine:3.20\n  healthcheck --interval=5s \\\n    CMD a\r\nHEALTHCHECK NONE\nHEALTHCHECK CMD b\n",
            at=("healthcheck --interval=5s \\\n    CMD a", "HEALTHCHECK NONE"),
            fixed="FROM alpine:3.20\nHEALTHCHECK CMD b\n",
        ),
        Bad(
            'FROM alpine:3.20\nENTRYPOINT ["a", \\\n# why\n  "b"]\nENTRYPOINT ["c"]',
            at=('ENTRYPOINT ["a", \\\n# why\n  "b"]',),
        ),
    )
    good = (
        Good('FROM alpine:3.20\nENTRYPOINT ["a"]\nCMD ["b"]\nHEALTHCHECK NONE\n'),
        Good('FROM alpine:3.20 AS base\nCMD ["a"]\nFROM base\nCMD ["b"]\n'),
        Good('FROM alpine:3.20\nONBUILD CMD ["a"]\nCMD ["b"]\n'),
        Good("FROM alpine:3.20\nEXPOSE 80\nEXPOSE 443\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        last: dict[str, Instruction] = {}
        for instruction in stage.instructions:
            if not isinstance(instruction, (Cmd, Entrypoint, Healthcheck)):
                continue
            earlier = last.get(instruction.name)
            if earlier is not None:
                line = model.source.line_of(instruction.start)
                message = f"{earlier.name} has no effect: the one in line {line} replaces it"
                yield self.finding(earlier, message, _fix(earlier, model))
            last[instruction.name] = instruction


def _fix(instruction: Instruction, model: Model) -> Fix | None:
    if instruction.comments:
        return None
    source = model.source
    start = source.line_span(source.line_of(instruction.start)).start
    edit = Edit(start, instruction.full_end, "")
    return Fix.of(f"Remove the void {instruction.name}", "safe", [edit], [instruction.start])
