from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import From
    from dflint.syntax.words import VariableUse


class UndefinedArgInFrom(Rule):
    """FROM uses a variable that no ARG before the first FROM declares.

    ## Why is this bad?

    Such a variable is always empty, even when `--build-arg` gives it a value. FROM does not see the ARG and ENV
    instructions of any stage, only the ARGs at the top of the file and the platform's (`TARGETARCH`, `BUILDPLATFORM`
    and so on). With a default (`${TAG:-12}`) it is always the default that is taken.

    ## Fix safety

    A name that looks misspelt is corrected. The base image becomes another one then, so the fix is unsafe.
    """

    name = "undefined-arg-in-from"
    category = "base"
    level = "warning"
    aliases = ("UndefinedArgInFrom",)
    since = "0.1.0"

    bad = (
        Bad(
            "ARG VERSION=12\nFROM debian:${VERSOIN}\n",
            at=("${VERSOIN}",),
            fixed="ARG VERSION=12\nFROM debian:${VERSION}\n",
        ),
        Bad(
            "FROM --platform=$BULIDPLATFORM debian:12\n",
            at=("$BULIDPLATFORM",),
            fixed="FROM --platform=$BUILDPLATFORM debian:12\n",
        ),
        Bad("from debian:${TAG:-12}\n", at=("${TAG:-12}",)),
        Bad("FROM debian:12\nARG TAG=12\nFROM \\\n  debian:$TAG\n", at=("$TAG",)),
        Bad("FROM debian:$A$B\n", at=("$A", "$B")),
    )
    good = (
        Good("ARG VERSION\nFROM debian:${VERSION}\n"),
        Good("ARG A=1 B\nFROM debian:${A}-$B\n"),
        Good("FROM --platform=$BUILDPLATFORM debian:12 AS build\nFROM build-$TARGETARCH$TARGETVARIANT\n"),
        Good("FROM debian:12\\$A\n"),
    )

    def check_from(self, instruction: From, model: Model) -> Iterator[Finding]:
        flag = instruction.flag("platform")
        words = [word for word in (flag.value if flag else None, instruction.image) if word is not None]
        for word in words:
            if "$" not in word.text:
                continue
            environment = model.environment_before(instruction)
            for use in word.variables:
                if use.name and environment.lookup(use.name) is None:
                    yield self._undefined(use, instruction, model)

    def _undefined(self, use: VariableUse, instruction: From, model: Model) -> Finding:
        if _is_in_stage(use.name, instruction, model):
            return self.finding(use, f"FROM does not see {use.name} of a stage: declare it before the first FROM")
        from dflint.syntax.suggest import nearest

        known = model.environment_before(instruction).variables
        near = nearest(use.name, sorted(name for name in known if name.isidentifier()))
        if near is None:
            return self.finding(use, f"{use.name} is always empty here, no ARG before the first FROM declares it")
        end = use.name_start + len(use.name)
        fix = None
        if model.source.text[use.name_start : end] == use.name:
            fix = Fix.of(f"Write {near}", "unsafe", [Edit(use.name_start, end, near)])
        return self.finding(use, f"no ARG before the first FROM declares {use.name}: did you mean {near}?", fix)


def _is_in_stage(name: str, instruction: From, model: Model) -> bool:
    """Whether an ARG or ENV between the first FROM and this one sets the name."""
    first = model.stages[0].from_.index
    return any(
        pair.key.text == name
        for other in model.instructions[first : instruction.index]
        for pair in getattr(other, "pairs", ())
        if other.type in ("arg", "env")
    )
