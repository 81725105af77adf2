from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Copy

_FILLING = frozenset(("copy", "add", "run", "workdir", "onbuild"))


class CopyFromEmptyStage(Rule):
    """COPY takes a file from a stage that has none.

    ## Why is this bad?

    The stage starts from `scratch` and nothing puts a file into it, so the build stops because the file is not found.
    Mostly a line is missing in the stage, or another stage was meant.

    ## Exceptions

    Copying the whole stage (`/` or `.`), which works; a stage with COPY, ADD, RUN, WORKDIR or inherited triggers; a
    stage whose name is one of the configured contexts, which take its place.
    """

    name = "copy-from-empty-stage"
    category = "base"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad("FROM scratch AS bin\nFROM debian:12\nCOPY --from=bin /a /a\n", at=("bin",)),
        Bad("FROM scratch\nENV A=1\nFROM debian:12\ncopy --from=0 \\\n  a b /c/\n", at=("0",)),
        Bad("FROM scratch AS x\nFROM x AS y\nFROM debian:12\nCOPY --from=Y /a /a\n", at=("Y",)),
    )
    good = (
        Good("FROM scratch AS bin\nCOPY a /a\nFROM debian:12\nCOPY --from=bin /a /a\n"),
        Good("FROM scratch AS x\nADD a /a\nFROM x AS y\nFROM debian:12\nCOPY --from=y /a /a\n"),
        Good("FROM scratch AS sources\nFROM debian:12\nCOPY --from=sources / /a\nCOPY --from=sources . /b\n"),
        Good("FROM scratch AS bin\nWORKDIR /a\nFROM debian:12\nCOPY --from=bin /a /a\n"),
        Good("FROM debian:12 AS bin\nFROM debian:12\nCOPY --from=bin /a /a\n"),
        Good("ARG BASE=scratch\nFROM $BASE AS bin\nFROM debian:12\nCOPY --from=bin /a /a\n"),
    )

    def check_copy(self, instruction: Copy, model: Model) -> Iterator[Finding]:
        if instruction.from_ is None or instruction.is_onbuild_trigger:
            return
        from dflint.model import Stage
        from dflint.rules._from_values import from_values

        for value in from_values(instruction):
            stage = model.resolve_from(value.text, instruction)
            if not isinstance(stage, Stage) or stage is model.stage_of(instruction) or not _is_empty(stage, model):
                continue
            paths = [word.literal for word in instruction.sources]
            if not paths or any(path is None or not path.strip("./") or "*" in path for path in paths):
                continue
            yield self.finding(value, f"stage {value.text} is empty, so {paths[0]} is not in it")


def _is_empty(stage: Stage, model: Model) -> bool:
    current: Stage | None = stage
    while current is not None:
        word = current.from_.image
        if word is None or "$" in word.text or current.name in model.named_contexts:
            return False
        if any(instruction.type in _FILLING for instruction in current.instructions):
            return False
        if current.is_scratch:
            return True
        current = current.parent
    return False
