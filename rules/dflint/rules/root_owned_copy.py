from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage


class RootOwnedCopy(Rule):
    """COPY or ADD stands behind a USER, but its files belong to root.

    ## Why is this bad?

    USER does not hold for COPY and ADD: without `--chown` the files belong to root, and the user cannot change them.
    Whoever puts the COPY behind the USER often expects something else.

    The rule is off by default: files that the program cannot change are safer, so this is often right.

    ## Exceptions

    Only shipped stages are looked at. Silent while the user is root or not known.
    """

    name = "root-owned-copy"
    category = "correctness"
    level = "info"
    since = "0.1.0"
    status = "off"

    bad = (
        Bad("FROM node:22\nUSER node\nCOPY app /app\n", at=("COPY",)),
        Bad("FROM node:22 AS base\nUSER 1000\nFROM base\nadd --link \\\n  app /app\n", at=("add",)),
    )
    good = (
        Good("FROM node:22\nUSER node\nCOPY --chown=node:node app /app\n"),
        Good("FROM node:22\nCOPY app /app\nUSER node\n"),
        Good("FROM node:22\nUSER root\nCOPY app /app\nUSER node\n"),
        Good("FROM node:22\nUSER $USER\nCOPY app /app\n"),
        Good("FROM node:22 AS build\nUSER node\nCOPY app /app\nFROM node:22\nCOPY --from=build /app /app\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        if not any(isinstance(instruction, Transfer) for instruction in stage.instructions):
            return
        if not stage.is_shipped or stage.looks_like_windows:
            return
        for instruction in stage.instructions:
            if not isinstance(instruction, Transfer) or instruction.flag("chown") is not None:
                continue
            user = model.environment_before(instruction).user
            if user and user.partition(":")[0] not in ("root", "0"):
                yield self.finding(instruction.keyword, f"the files belong to root, not to {user}: there is no --chown")
