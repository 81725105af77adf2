from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import From, Instruction


class UppercaseStageName(Rule):
    """A stage name has capital letters.

    ## Why is this bad?

    The builder knows the stage by the name in lower case: `FROM Build` does not find a stage `AS Build`, while `COPY
    --from=Build` does. Written in lower case the name means the same everywhere.

    ## Fix safety

    The fix writes the name in lower case where the stage gets it and wherever it is used. The builder does the same.
    """

    name = "uppercase-stage-name"
    category = "style"
    level = "warning"
    aliases = ("StageNameCasing",)
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12 AS Build\n", at=("Build",), fixed="FROM debian:12 AS build\n"),
        Bad(
            "from golang:1.23 as goBuild\nRUN make\nFROM goBuild AS TEST\nFROM scratch\n"
            "COPY --link --from=gobuild /a /\nCOPY --from=GoBuild /b \\\n  /\n"
            "RUN --mount=type=bind,from=goBuild,target=/c ls\n",
            at=("goBuild", "TEST"),
            fixed="from golang:1.23 as gobuild\nRUN make\nFROM gobuild AS test\nFROM scratch\n"
            "COPY --link --from=gobuild /a /\nCOPY --from=gobuild /b \\\n  /\n"
            "RUN --mount=type=bind,from=gobuild,target=/c ls\n",
        ),
        # A use that is not edited means the stage all the same.
        Bad(
            'FROM golang:1.23 AS Build\nFROM scratch\nCOPY --from="Build" /a /\n',
            at=("Build",),
            fixed='FROM golang:1.23 AS build\nFROM scratch\nCOPY --from="Build" /a /\n',
        ),
        Bad(
            "# escape=`\nFROM golang:1.23 AS Build\nFROM scratch\nCOPY --from=Build `\n  /a /\n",
            at=("Build",),
            fixed="# escape=`\nFROM golang:1.23 AS build\nFROM scratch\nCOPY --from=build `\n  /a /\n",
        ),
    )
    good = (
        Good("FROM debian:12 AS build-1.x_y\nFROM build-1.x_y\n"),
        Good("FROM debian:12 AS build\nFROM scratch\nCOPY --from=Build /a /\n"),
        Good("FROM debian:12\nCOPY --from=REGISTRY.example.com/app:1 /a /\n"),
    )

    def check_from(self, instruction: From, model: Model) -> Iterator[Finding]:
        name = instruction.stage_name
        if name is None or name.text == name.text.lower():
            return
        lower = name.text.lower()
        fix = Fix.of(f"Write {lower}", "safe", _edits(lower, model))
        yield self.finding(name, f"the stage name {name.text} should be in lower case, as the builder takes it", fix)


def _edits(name: str, model: Model) -> Iterator[Edit]:
    """What writes a name in lower case everywhere."""
    for instruction in model.instructions:
        yield from _edits_in(instruction, name)
        trigger = getattr(instruction, "trigger", None)
        if trigger is not None:
            yield from _edits_in(trigger, name)


def _edits_in(instruction: Instruction, name: str) -> Iterator[Edit]:
    from dflint.rules._from_values import from_values
    from dflint.syntax.tree import From

    if isinstance(instruction, From):
        for word in (instruction.image, instruction.stage_name):
            if word is not None and word.text != name and word.text.lower() == name:
                yield Edit(word.start, word.end, name)
        return
    for value in from_values(instruction):
        if value.is_verbatim and value.text != name and value.text.lower() == name:
            yield Edit(value.start, value.end, name)
