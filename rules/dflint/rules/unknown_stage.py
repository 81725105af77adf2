from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.rules._from_values import FromValue
    from dflint.syntax.tree import Copy, Instruction, Run

_BUILDERS = frozenset(("build", "builder", "build-env", "build-stage", "compile", "compiler"))


class UnknownStage(Rule):
    """`COPY --from` or a mount names a stage that does not exist, or not yet.

    ## Why is this bad?

    A number without a stage, a later stage and a variable stop the build. A misspelt name does not: it is taken for an
    image of Docker Hub, and the build fails when there is none, or copies from a stranger's image when there is one.

    ## Exceptions

    Any name that may be an image or a context given by `--build-context` is fine, so a name is reported only if it is
    nearly that of an earlier stage, or if it says `builder` and the like and the file has a stage that was left without
    a name and that nothing uses. Names are compared without regard to case. ONBUILD triggers run among other stages.

    ## Fix safety

    The fix corrects a misspelt name. Something else is copied then, so it is unsafe.

    ## Differs from hadolint

    hadolint reports every name without a colon that is no earlier stage, images and contexts too, and compares names by
    case.
    """

    name = "unknown-stage"
    category = "base"
    level = "error"
    aliases = ("DL3022",)
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12 AS build\nFROM debian:12\nCOPY --from=2 /a /a\n", at=("2",)),
        Bad("FROM debian:12\nCOPY --from=1 /a /a\nFROM debian:12\n", at=("1",)),
        Bad("FROM debian:12 AS a\nCOPY --from=b /a /a\nfrom debian:12 as b\n", at=("b",)),
        Bad("FROM debian:12 AS a\nRUN --mount=type=bind,from=b,target=/b ls\nFROM debian:12 AS b\n", at=("b",)),
        Bad("FROM debian:12\nCOPY --from=$IMAGE /a /a\n", at=("$IMAGE",)),
        Bad(
            "FROM golang:1.23 AS builder\nFROM scratch\nCOPY --from=bulider /a \\\n  /a\n",
            at=("bulider",),
            fixed="FROM golang:1.23 AS builder\nFROM scratch\nCOPY --from=builder /a \\\n  /a\n",
        ),
        Bad("FROM golang:1.23\nRUN make\nFROM scratch\nCOPY --from=builder /a /a\n", at=("builder",)),
        Bad("FROM golang:1.23\nRUN make\nFROM scratch\nCOPY --from=tool_builder /a /a\n", at=("tool_builder",)),
    )
    good = (
        Good("FROM debian:12 AS Build\nFROM debian:12\nCOPY --from=build /a /a\nCOPY --from=0 /a /b\n"),
        Good("FROM scratch\nCOPY --from=hello-world /hello /hello\n"),
        Good("FROM scratch\nCOPY --from=quay.io/owner/app:1 /a /a\nRUN --mount=from=sources,target=/b ls\n"),
        Good("FROM golang:1.23 AS node1\nFROM scratch\nCOPY --from=node /a /a\n"),
        Good("FROM golang:1.23\nRUN make\nFROM scratch\nCOPY --from=0 /a /a\nCOPY --from=builder /b /b\n"),
        Good("FROM debian:12\nONBUILD COPY --from=7 /a /a\n"),
        Good("FROM debian:12 AS stage-1\nFROM debian:12 AS stage-2\nCOPY --from=stage-3 /a /a\n"),
        Good("FROM debian:12 AS a\nCOPY --from=a /a /b\n"),
        Good("FROM debian:12\nFROM scratch\nCOPY --from=owner/tool-builder /a /b\n"),
    )

    def check_copy(self, instruction: Copy, model: Model) -> Iterator[Finding]:
        return self._check(instruction, model)

    def check_run(self, instruction: Run, model: Model) -> Iterator[Finding]:
        return self._check(instruction, model)

    def _check(self, instruction: Instruction, model: Model) -> Iterator[Finding]:
        if not instruction.flags or instruction.is_onbuild_trigger:
            return
        from dflint.rules._from_values import from_values

        stage = model.stage_of(instruction)
        if stage is None:
            return
        for value in from_values(instruction):
            yield from self._check_value(value, instruction, stage, model)

    def _check_value(self, value: FromValue, instruction: Instruction, stage: Stage, model: Model) -> Iterator[Finding]:
        from dflint.model import ImageReference, Stage

        text = value.text
        if "$" in text:
            if instruction.type == "copy" and "\\" not in text:
                yield self.finding(value, "--from takes no variable: start a stage FROM it, and copy from that")
            return
        found = model.resolve_from(text, instruction)
        if isinstance(found, Stage):
            if found.index > stage.index and stage not in _needs(found):
                yield self.finding(value, f"stage {text} comes later in the file, it cannot be used here")
        elif found is None:
            if instruction.type == "copy" and text.isdecimal():
                count = len(model.stages)
                stages = "is 1 stage" if count == 1 else f"are {count} stages"
                yield self.finding(value, f"there is no stage {text}: there {stages}, counted from 0")
        elif isinstance(found, ImageReference):
            yield from self._check_name(value, stage, model)

    def _check_name(self, value: FromValue, stage: Stage, model: Model) -> Iterator[Finding]:
        from dflint.rules._from_values import is_surely_image

        text = value.text
        if is_surely_image(text):
            return
        near = _near(text, [s.name for s in model.stages[: stage.index] if s.name])
        if near is not None:
            fix = None
            if value.is_verbatim:
                fix = Fix.of(f"Write {near}", "unsafe", [Edit(value.start, value.end, near)])
            yield self.finding(
                value, f"no stage is called {text}, so it is taken for an image: did you mean {near}?", fix
            )
        elif _is_builder(text.lower()) and any(not s.name and not s.users for s in model.stages[: stage.index]):
            yield self.finding(value, f"no stage is called {text}, so it is taken for an image: name the stage")


def _is_builder(name: str) -> bool:
    return name in _BUILDERS or ("/" not in name and name.endswith(("-builder", "_builder")))


def _near(text: str, names: list[str]) -> str | None:
    """The name that a text is a slip of; one with other digits is another stage."""
    from dflint.syntax.suggest import nearest

    near = nearest(text.lower(), names)
    if near is None or len(text) < 4 or [c for c in near if c.isdigit()] != [c for c in text if c.isdigit()]:
        return None
    if near.startswith(text.lower() + "-") or text.lower().startswith(near + "-"):
        return None
    return near


def _needs(stage: Stage) -> list[Stage]:
    """All stages that must be built for one."""
    found: list[Stage] = []
    pending = [stage]
    while pending:
        current = pending.pop()
        for needed in (*current.parents, *current.uses):
            if needed not in found:
                found.append(needed)
                pending.append(needed)
    return found
