from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Copy, Instruction, Run


class CopyFromOwnStage(Rule):
    """A stage copies or mounts from itself.

    ## Why is this bad?

    The build stops with a circular dependency: the stage would have to be finished to go on. To copy within a stage use
    `RUN cp`.
    """

    name = "copy-from-own-stage"
    category = "base"
    level = "error"
    aliases = ("DL3023",)
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12 AS build\nCOPY --from=build /a /b\n", at=("build",)),
        Bad("from debian:12 as build\nRUN --mount=from=Build,target=/x ls\n", at=("Build",)),
        Bad("FROM debian:12\nFROM debian:12\nCOPY --chown=1:1 \\\n  --from=1 /a /b\n", at=("1",)),
    )
    good = (
        Good("FROM debian:12 AS build\nFROM debian:12\nCOPY --from=build /a /b\n"),
        Good("FROM debian:12 AS build\nONBUILD COPY --from=build /a /b\n"),
        Good("FROM debian:12\nCOPY build /b\nRUN --mount=type=cache,target=/x ls\n"),
    )

    def check_copy(self, instruction: Copy, model: Model) -> Iterator[Finding]:
        return self._check(instruction, model)

    def check_run(self, instruction: Run, model: Model) -> Iterator[Finding]:
        return self._check(instruction, model)

    def _check(self, instruction: Instruction, model: Model) -> Iterator[Finding]:
        if not instruction.flags or instruction.is_onbuild_trigger:
            return
        from dflint.rules._from_values import from_values

        for value in from_values(instruction):
            stage = model.stage_of(instruction)
            if stage is not None and model.resolve_from(value.text, instruction) is stage:
                yield self.finding(value, f"{value.text} is this very stage, which cannot copy from itself")
