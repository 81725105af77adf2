from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._workdir_chain import inherits_workdir
from dflint.syntax.tree import Transfer, Workdir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage


class RelativeCopyTarget(Rule):
    """COPY or ADD has a relative target and no WORKDIR of the file says where that is.

    ## Why is this bad?

    The files land in the working directory of the base image, which the file does not show and a newer base image may
    change.

    ## Exceptions

    Silent after a WORKDIR in the stage or in one that it starts from, in stages from `scratch` (there it is `/`), for
    a target that starts with a variable of no known value, and for Windows paths with a drive letter.

    ## Differs from hadolint

    DL3045 is about COPY alone, takes every target that starts with a variable for absolute, and reports stages from
    `scratch`.
    """

    name = "relative-copy-target"
    category = "correctness"
    level = "warning"
    aliases = ("DL3045",)
    since = "0.1.0"

    bad = (
        Bad("FROM node:22\nCOPY package.json .\n", at=(".",)),
        Bad('FROM node:22\ncopy \\\n  a "b/"\nWORKDIR /app\nADD a b\n', at=('"b/"',)),
        Bad('FROM node:22 AS base\nWORKDIR /app\nFROM node:22\nADD ["a", "./"]\n', at=('"./"',)),
    )
    good = (
        Good("FROM node:22\nWORKDIR /app\nCOPY package.json .\n"),
        Good("FROM node:22 AS base\nWORKDIR /app\nFROM base\nCOPY package.json .\n"),
        Good("FROM scratch\nCOPY app .\n"),
        Good("FROM node:22\nCOPY a $HOME\nCOPY a /b\nONBUILD COPY . .\n"),
        Good("FROM node:22\nENV DIR=/srv\nCOPY a $DIR/b\n"),
        Good("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY a C:/app/\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        if inherits_workdir(stage) or stage.root.is_scratch:
            return
        for instruction in stage.instructions:
            if isinstance(instruction, Workdir):
                return
            if not isinstance(instruction, Transfer) or instruction.destination is None:
                continue
            word = instruction.destination
            if word.text.startswith(("/", '"/')):
                continue
            target = model.environment_before(instruction).expand(word)
            if not target or target.startswith(("/", "\\")) or target[1:2] == ":":
                continue
            yield self.finding(word, f"{target} is relative to the base image's working directory: set a WORKDIR first")
