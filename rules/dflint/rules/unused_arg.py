from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Arg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Instruction


class UnusedArg(Rule):
    """An ARG has no effect on anything.

    ## Why is this bad?

    Whoever sets it with `--build-arg` believes to change the image. An ARG before the first FROM is seen by FROM lines
    only, a stage sees it after an `ARG NAME` of its own; one in a stage ends with the stage, and is not there when the
    container runs.

    ## Exceptions

    An ARG of a stage is an environment variable of all RUNs below it, where any program may read it, so it counts as
    used if a RUN follows there or in a stage that starts from this one. The ARGs that the builder itself looks at
    (`BUILDKIT_...`, `SOURCE_DATE_EPOCH`, the platform's and the proxies').
    """

    name = "unused-arg"
    category = "correctness"
    level = "warning"
    since = "0.1.0"
    tag = "unnecessary"

    bad = (
        Bad("ARG VERSION=1\nFROM debian:12\nRUN make V=$VERSION\n", at=("VERSION",)),
        Bad("arg A=1 B=2\nFROM debian:$A\n", at=("B",)),
        Bad("ARG VERSION=1\nFROM debian:12\nARG VERSION=2\nRUN make V=$VERSION\n", at=("VERSION",)),
        Bad("FROM debian:12\nRUN make\nARG VERSION\nCMD echo $VERSION\n", at=("VERSION",)),
        Bad("FROM debian:12\nARG A \\\n  B\nLABEL a=$A\n", at=("B",)),
    )
    good = (
        Good("ARG VERSION=1\nFROM debian:12\nARG VERSION\nRUN make\n"),
        Good("ARG TAG=12\nARG BASE=debian:$TAG\nFROM $BASE\n"),
        Good("ARG PLATFORM\nFROM --platform=$PLATFORM debian:12\n"),
        Good("FROM debian:12\nARG VERSION\nRUN ./build.sh\n"),
        Good("FROM debian:12 AS a\nARG VERSION\nFROM a\nRUN ./build.sh\n"),
        Good("FROM debian:12\nARG VERSION\nLABEL version=${VERSION}\n"),
        Good("FROM debian:12\nARG VERSION\nCOPY <<EOF /version\n$VERSION\nEOF\n"),
        Good("ARG BUILDKIT_SBOM_SCAN_CONTEXT=true\nARG SOURCE_DATE_EPOCH=0\nFROM debian:12\nARG TARGETARCH\n"),
        Good("FROM debian:12 AS a\nARG VERSION\nFROM a\nLABEL version=$VERSION\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        if model.tree.problems:
            return
        for instruction in model.global_args:
            yield from self._check_global(instruction, model)
        for stage in model.stages:
            for index, local in enumerate(stage.instructions):
                if isinstance(local, Arg):
                    yield from self._check_local(local, stage.instructions[index + 1 :], stage)

    def _check_global(self, instruction: Arg, model: Model) -> Iterator[Finding]:
        for pair in instruction.pairs:
            name = pair.key.text
            if _is_builtin(name) or _is_used_globally(name, instruction, model):
                continue
            user = next((s for s in model.stages if _is_mentioned(name, s.instructions)), None)
            if user is None:
                yield self.finding(pair.key, f"nothing uses {name}")
            elif _declares(name, user):
                yield self.finding(pair.key, f"no FROM uses {name}, and the stages give it a value of their own")
            else:
                yield self.finding(pair.key, f"{name} is not seen below FROM, a stage needs its own ARG {name}")

    def _check_local(self, instruction: Arg, below: tuple[Instruction, ...], stage: Stage) -> Iterator[Finding]:
        if any(other.type == "run" for other in below):
            return
        later = [*below]
        for child in _descendants(stage):
            later.extend(child.instructions)
        if any(other.type == "run" for other in later):
            return
        for at, pair in enumerate(instruction.pairs):
            name = pair.key.text
            if _is_builtin(name) or any(_mentions(p.value.text, name) for p in instruction.pairs[at + 1 :] if p.value):
                continue
            if not _is_mentioned(name, [i for i in later if not _is_command(i)]):
                if _is_mentioned(name, [i for i in later if _is_command(i)]):
                    yield self.finding(pair.key, f"{name} is gone when the container runs, ENV would keep it")
                else:
                    yield self.finding(pair.key, f"nothing below uses {name}, and no RUN follows that could")


def _is_builtin(name: str) -> bool:
    from dflint.model.environment import BUILDKIT_ARGS, PLATFORM_ARGS, PROXY_ARGS

    if name in PLATFORM_ARGS or name in PROXY_ARGS or name in BUILDKIT_ARGS:
        return True
    return name.startswith(("BUILDKIT_", "BUILDX_")) or not name.isidentifier()


def _is_used_globally(name: str, declaration: Arg, model: Model) -> bool:
    for instruction in model.global_args:
        if instruction.index >= declaration.index:
            for pair in instruction.pairs:
                if pair.value is not None and _mentions(pair.value.text, name):
                    return True
    for stage in model.stages:
        flag = stage.from_.flag("platform")
        words = (stage.from_.image, flag.value if flag is not None else None)
        if any(word is not None and _mentions(word.text, name) for word in words):
            return True
        for other in stage.instructions:
            here = getattr(other, "trigger", None) or other
            if isinstance(here, Arg) and any(pair.key.text == name and pair.value is None for pair in here.pairs):
                return True
    return False


def _declares(name: str, stage: Stage) -> bool:
    arguments = [instruction for instruction in stage.instructions if isinstance(instruction, Arg)]
    return any(pair.key.text == name for instruction in arguments for pair in instruction.pairs)


def _is_command(instruction: Instruction) -> bool:
    return instruction.type in ("cmd", "entrypoint", "healthcheck")


def _is_mentioned(name: str, instructions: tuple[Instruction, ...] | list[Instruction]) -> bool:
    for instruction in instructions:
        if name in instruction.line.text and _mentions(instruction.line.text, name):
            return True
        if any(_mentions(heredoc.body.value, name) for heredoc in instruction.heredocs):
            return True
    return False


def _mentions(text: str, name: str) -> bool:
    """Whether a text may use a variable: ``$name`` or ``${name``, whatever the quotes."""
    at = text.find(name)
    while at > 0:
        end = at + len(name)
        if text[at - 1] in "${!#" and not (text[end : end + 1].isalnum() or text[end : end + 1] == "_"):
            return True
        at = text.find(name, end)
    return False


def _descendants(stage: Stage) -> list[Stage]:
    found: list[Stage] = []
    pending = list(stage.children)
    while pending:
        child = pending.pop()
        if child not in found:
            found.append(child)
            pending.extend(child.children)
    return found
