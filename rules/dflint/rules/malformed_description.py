from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Arg, Comment, From, Instruction


class MalformedDescription(Rule):
    """The comment above an ARG or a named stage does not start with its name.

    ## Why is this bad?

    `docker build --call=outline` and `--call=targets` list the arguments and stages of a file with their descriptions.
    They take a comment for a description only if it starts with the name: `# VERSION of the compiler`. Off by
    default, because few files are written with these lists in mind.

    ## Exceptions

    A comment with an empty comment line (`#`) below it, comments for linters, and of several comment lines all but the
    last.

    ## Differs from BuildKit

    BuildKit's check, an experimental one, takes comments for linters for descriptions too
    (frontend/dockerfile/instructions/parse.go).
    """

    name = "malformed-description"
    category = "style"
    level = "info"
    aliases = ("InvalidDefinitionDescription",)
    since = "0.1.0"
    status = "off"

    bad = (
        Bad("# The version of the compiler\nARG VERSION=1\nFROM debian:12\n", at=("# The version of the compiler",)),
        Bad("FROM debian:12\n# a: first\nARG a=1 b\n", at=("# a: first",)),
        Bad("# Build it\n\nfrom debian:12 as build\n", at=("# Build it",)),
    )
    good = (
        Good("# VERSION of the compiler\nARG VERSION=1\nFROM debian:12\n"),
        Good("FROM debian:12\n# b is what comes after a\nARG a=1 b\n"),
        Good("# The build\n#\nFROM debian:12 AS build\n"),
        Good("# hadolint ignore=DL3006\nFROM debian AS build\n"),
        Good("# Debian\nFROM debian:12\n# here we go\nRUN make\n"),
        Good("# some words\n# build makes it\nFROM debian:12 AS build\n"),
    )

    def check_from(self, instruction: From, model: Model) -> Iterator[Finding]:
        if instruction.stage_name is not None:
            yield from self._check(instruction, [instruction.stage_name.text.lower()], model)

    def check_arg(self, instruction: Arg, model: Model) -> Iterator[Finding]:
        yield from self._check(instruction, [pair.key.text for pair in instruction.pairs], model)

    def _check(self, instruction: Instruction, names: list[str], model: Model) -> Iterator[Finding]:
        comment = _comment_above(instruction, model)
        if comment is None or not names:
            return
        text = comment.text.strip()
        if not text or text.split(" ")[0] in names:
            return
        if text.lower().startswith(("hadolint", "dflint", "tally", "check=", "trivy", "checkov", "kics")):
            return
        name = names[0] if len(names) == 1 else "the name"
        yield self.finding(comment, f"a description starts with what it describes: # {name} ...")


def _comment_above(instruction: Instruction, model: Model) -> Comment | None:
    """The last comment line between an instruction and the one before it; blank lines do not matter."""
    if instruction.is_onbuild_trigger:
        return None
    before = model.instructions[instruction.index - 1].end if instruction.index else -1
    above = [c for c in model.tree.comments if before < c.start < instruction.start and not c.in_instruction]
    return above[-1] if above else None
