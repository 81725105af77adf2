from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.shell import Command
    from dflint.syntax.tree import Instruction

# What the cache of a later RUN does not depend on.
_SETTINGS = frozenset(
    ("LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "MAINTAINER", "VOLUME", "ONBUILD")
)  # fmt: skip
_MAX_STAGES = 30


class NearMissStagePrefix(Rule):
    """Two stages begin with the same RUN, written in two ways, so that both are built.

    ## Why is this bad?

    Stages that begin with the very same instructions share them: they are built once. A blank more, packages or options
    in another order are another command for the cache, so the same packages are downloaded and installed twice. Write
    it in one way, or put it into a stage of its own that both start from.

    Compared are stages of the same base, instruction by instruction from the top; what only sets metadata does not
    count.

    ## Exceptions

    Silent about cheap commands (mkdir, chmod, echo), and where anything but blanks, the order of packages, or the order
    of a package manager's options differs.
    """

    name = "near-miss-stage-prefix"
    category = "cache"
    level = "info"
    since = "0.1.0"
    status = "preview"

    bad = (
        Bad(
            "FROM debian:12 AS a\nRUN apt-get update && apt-get install -y curl git\n"
            "FROM debian:12\nLABEL a=b\nRUN apt-get update && apt-get install -y \\\n    git \\\n    curl\n",
            at=("RUN",),
        ),
        Bad(
            "FROM node:22 AS a\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci --no-audit --omit=dev\n"
            "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nrun npm ci --omit=dev --no-audit\n",
            at=("run",),
        ),
        Bad("FROM golang:1 AS a\nRUN make  all\nFROM golang:1\nRUN make all\n", at=("RUN",)),
    )
    good = (
        Good("FROM debian:12 AS a\nRUN apt-get update\nFROM debian:12\nRUN apt-get update\n"),
        Good("FROM debian:12 AS a\nRUN apt-get install -y curl\nFROM debian:12\nRUN apt-get install -y git\n"),
        Good("FROM debian:12 AS a\nRUN apt-get install -y a b\nFROM debian:13\nRUN apt-get install -y b a\n"),
        Good("FROM debian:12 AS a\nENV A=1\nRUN apt-get install -y a b\nFROM debian:12\nRUN apt-get install -y b a\n"),
        Good("FROM debian:12 AS a\nRUN mkdir  /a\nFROM debian:12\nRUN mkdir /a\n"),
        Good("FROM debian:12 AS a\nRUN cc a b\nFROM debian:12\nRUN cc b a\n"),
        Good("FROM debian:12 AS a\nRUN echo 'a  b' | make\nFROM debian:12\nRUN echo 'a b' | make\n"),
        Good("FROM --platform=linux/arm64 debian:12 AS a\nRUN make  a\nFROM debian:12\nRUN make a\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        stages = [stage for stage in model.stages if any(isinstance(i, Run) for i in stage.instructions)][:_MAX_STAGES]
        if len(stages) < 2:
            return
        for place, stage in enumerate(stages):
            for other in stages[:place]:
                if _base(stage) != _base(other):
                    continue
                pair = _first_difference(other, stage)
                if pair is not None and _is_near_miss(*pair, model):
                    line = model.source.line_of(pair[0].start)
                    message = f"this is the RUN of line {line} but for blanks or order, so it is built twice"
                    yield self.finding(pair[1].keyword, message)
                    break


def _base(stage: Stage) -> tuple[str, str]:
    image, platform = stage.from_.image, stage.platform
    return image.text.lower() if image is not None else "", platform.text if platform is not None else ""


def _first_difference(one: Stage, other: Stage) -> tuple[Run, Run] | None:
    """The first instructions of two stages that differ, if they are RUNs."""
    left = [i for i in one.instructions if i.name not in _SETTINGS]
    right = [i for i in other.instructions if i.name not in _SETTINGS]
    for a, b in zip(left, right, strict=False):
        if a.name != b.name:
            return None
        if _text(a) != _text(b):
            return (a, b) if isinstance(a, Run) and isinstance(b, Run) else None
    return None


def _text(instruction: Instruction) -> tuple[str, ...]:
    line = instruction.line.text
    return (line[len(instruction.keyword.text) :].strip(), *[heredoc.body.value for heredoc in instruction.heredocs])


def _is_near_miss(one: Run, other: Run, model: Model) -> bool:
    from dflint.rules._workload import kinds_of

    if one.exec_form or other.exec_form or one.heredocs or other.heredocs:
        return False
    if [flag.text for flag in one.flags] != [flag.text for flag in other.flags]:
        return False
    left, right = _shape(one, model), _shape(other, model)
    return left is not None and left == right and kinds_of(model.commands_of(other)) != frozenset(("cheap",))


def _shape(run: Run, model: Model) -> list[object] | None:
    """The commands of a RUN that is a chain of them, the packages of an install in order; None for other RUNs."""
    script = model.script_of(run)
    chain = script.and_chain() if script is not None and not script.is_opaque else None
    if chain is None:
        return None
    shape: list[object] = []
    for pipeline in chain:
        for command in pipeline.commands:
            words = getattr(command, "words", None)
            if not words or not hasattr(command, "program"):
                return None
            shape.append(_words(command, [word.raw for word in words]))  # type: ignore[arg-type]
            shape.append([redirect.raw.replace(" ", "") for redirect in command.redirects])
            shape.append([assignment.raw for assignment in getattr(command, "assignments", ())])
        shape.append("&&")
    return shape


def _words(command: Command, words: list[str]) -> list[str]:
    from dflint.packages import parse_package_command

    package = parse_package_command(command)
    if package is None or package.action not in ("install", "restore", "download"):
        return words
    if any("=" not in option.name and option.value is not None for option in package.options):
        values = [option.value.raw for option in package.options if option.value is not None]
        if any(value in words for value in values):
            return words  # an option and its value in two words must stay together
    return sorted(words)
