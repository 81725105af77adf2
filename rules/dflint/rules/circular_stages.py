from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Copy, Instruction, Run


class CircularStages(Rule):
    """Stages need each other in a circle.

    ## Why is this bad?

    None of them can be built first, so the build stops. The place that is reported is where a stage uses a later one
    that needs it.

    ## Exceptions

    A stage that copies from itself: that is copy-from-own-stage. A later stage that does not lead back: unknown-stage.
    """

    name = "circular-stages"
    category = "base"
    level = "error"
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12 AS a\nCOPY --from=b /x /x\nFROM debian:12 AS b\nCOPY --from=a /x /x\n", at=("b",)),
        Bad("from debian:12 as a\nCOPY \\\n  --from=C /x /x\nFROM a AS b\nFROM b AS c\n", at=("C",)),
        Bad("FROM debian:12 AS a\nRUN --mount=from=b,target=/x ls\nFROM a AS b\n", at=("b",)),
    )
    good = (
        Good("FROM debian:12 AS a\nFROM a AS b\nCOPY --from=a /x /x\nFROM b\nCOPY --from=a /x /x\n"),
        Good("FROM debian:12 AS a\nCOPY --from=a /x /x\n"),
        Good("FROM debian:12 AS a\nCOPY --from=b /x /x\nFROM debian:12 AS b\n"),
        Good("FROM debian:12 AS a\nONBUILD COPY --from=b /x /x\nFROM debian:12 AS b\nCOPY --from=a /x /x\n"),
    )

    def check_copy(self, instruction: Copy, model: Model) -> Iterator[Finding]:
        return self._check(instruction, model)

    def check_run(self, instruction: Run, model: Model) -> Iterator[Finding]:
        return self._check(instruction, model)

    def _check(self, instruction: Instruction, model: Model) -> Iterator[Finding]:
        if not instruction.flags or instruction.is_onbuild_trigger:
            return
        from dflint.model import Stage
        from dflint.rules._from_values import from_values

        for value in from_values(instruction):
            stage = model.stage_of(instruction)
            other = model.resolve_from(value.text, instruction)
            if stage is None or not isinstance(other, Stage) or other.index <= stage.index:
                continue
            if _leads_to(other, stage):
                yield self.finding(value, f"stage {value.text} itself needs this stage, so neither can be built first")


def _leads_to(stage: Stage, goal: Stage) -> bool:
    """Whether building a stage needs another one."""
    seen = {stage.index}
    pending = [stage]
    while pending:
        current = pending.pop()
        for needed in (*current.parents, *current.uses):
            if needed is goal:
                return True
            if needed.index not in seen:
                seen.add(needed.index)
                pending.append(needed)
    return False
