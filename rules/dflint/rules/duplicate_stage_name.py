from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model


class DuplicateStageName(Rule):
    """Two stages have the same name.

    ## Why is this bad?

    `COPY --from`, mounts and `--target` then mean the last stage of that name, FROM the nearest one above it. The
    other stage can be reached no more, and which one is meant depends on where the name stands. Stage names are
    compared without regard to case.
    """

    name = "duplicate-stage-name"
    category = "base"
    level = "error"
    aliases = ("DL3024", "DuplicateStageName")
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12 AS build\nFROM alpine:3.20 AS build\n", at=("build",)),
        Bad(
            "from debian:12 as build\nFROM alpine:3.20 \\\n  AS Build\nFROM alpine:3.20 AS BUILD\n",
            at=("Build", "BUILD"),
        ),
    )
    good = (
        Good("FROM debian:12 AS build\nFROM alpine:3.20 AS builder\n"),
        Good("FROM debian:12 AS build\nFROM build\nFROM build AS test\n"),
        Good("FROM debian:12\nFROM debian:12\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        lines: dict[str, int] = {}
        for stage in model.stages:
            name = stage.from_.stage_name
            if stage.name is None or name is None:
                continue
            if stage.name in lines:
                yield self.finding(name, f"the stage of line {lines[stage.name]} is called {stage.name} already")
            else:
                lines[stage.name] = model.source.line_of(name.start)
