from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Environment, Model, Stage
    from dflint.syntax.tree import Instruction
    from dflint.syntax.words import VariableUse

_BARE_IMAGES = frozenset(
    ("alpine", "debian", "ubuntu", "busybox", "centos", "rockylinux", "almalinux", "amazonlinux", "oraclelinux",
     "buildpack-deps")
)  # fmt: skip
"""Official images whose environment is PATH alone, in all tags."""
_OF_IMAGES = ("_VERSION", "_HOME", "_PATH", "_DIR", "_ROOT", "_PREFIX", "PATH", "_OPTS", "_OPTIONS", "_USER")
"""Ends of names that base images like to set."""


class UndefinedVariable(Rule):
    """An instruction uses a variable that is not set there.

    ## Why is this bad?

    The builder puts nothing in its place, without an error: `COPY app $DIR/bin` copies to `/bin`. ARGs before the first
    FROM are not seen in a stage unless it repeats them (`ARG VERSION`), those of one stage not in another.

    ## Exceptions

    The base image may set the variable, and dflint does not look into images. So a variable is only reported if

    - the base is `scratch` or an image that is known to set nothing but PATH (debian, ubuntu, alpine and the like);
    - or it is an ARG from before the first FROM, or of another stage, and not named like what images set
      (`NODE_VERSION`, `JAVA_HOME`);
    - or it is nearly the name of one that is set.

    `${NAME:-default}` and the like say that NAME may be unset. The commands of RUN, CMD and ENTRYPOINT are a shell's
    business. A variable that the same ENV sets is env-self-reference's, FROM is undefined-arg-in-from's.

    ## Fix safety

    The fix repeats the ARG at the start of the stage, or corrects the name. A value takes the place of nothing then, so
    it is unsafe.

    ## Differs from BuildKit

    BuildKit pulls the base image to look at its variables, and reports `${NAME:-default}` too
    (frontend/dockerfile/dockerfile2llb/validations.go).
    """

    name = "undefined-variable"
    category = "correctness"
    level = "warning"
    aliases = ("UndefinedVar",)
    since = "0.1.0"

    bad = (
        Bad(
            "FROM ghcr.io/owner/app:1\nCOPY bin/$TARGETARCH/app /\n",
            at=("$TARGETARCH",),
            fixed="FROM ghcr.io/owner/app:1\nARG TARGETARCH\nCOPY bin/$TARGETARCH/app /\n",
        ),
        Bad(
            "ARG RELEASE=1\nfrom ghcr.io/owner/app:1\n# the label\nlabel version=${RELEASE} more=$RELEASE\n",
            at=("${RELEASE}", "$RELEASE"),
            fixed="ARG RELEASE=1\nfrom ghcr.io/owner/app:1\narg RELEASE\n"
            "# the label\nlabel version=${RELEASE} more=$RELEASE\n",
        ),
        Bad("FROM debian:12\nWORKDIR $HOME/app\n", at=("$HOME",)),
        Bad("FROM scratch\nCOPY --chown=$USER \\\n  a /b\n", at=("$USER",)),
        Bad(
            "FROM ghcr.io/owner/app:1\nENV APP_FOLDER=/app\nWORKDIR $APP_FODLER\n",
            at=("$APP_FODLER",),
            fixed="FROM ghcr.io/owner/app:1\nENV APP_FOLDER=/app\nWORKDIR $APP_FOLDER\n",
        ),
        Bad("FROM debian:12 AS a\nARG NAME\nFROM ghcr.io/owner/app:1\nUSER $NAME\n", at=("$NAME",)),
        Bad('FROM scratch AS a\nFROM a\nENTRYPOINT ["$A"]\nEXPOSE $PORT\n', at=("$PORT",)),
    )
    good = (
        Good("ARG VERSION=1\nFROM ghcr.io/owner/app:1\nARG VERSION\nLABEL version=$VERSION\n"),
        Good("FROM ghcr.io/owner/app:1\nWORKDIR $HOME/app\n"),
        Good("ARG NODE_VERSION=22\nFROM node:${NODE_VERSION}\nLABEL node=$NODE_VERSION\n"),
        Good("FROM debian:12\nENV PATH=/a:$PATH A=${B:-1} C=\\$D E='$F'\n"),
        Good("FROM debian:12\nENV LIBS=/a${LIBS:+:$LIBS} CPATH=${CPATH-}\n"),
        Good("FROM debian:12 AS a\nARG A\nENV B=1\nFROM a\nUSER $A$B\n"),
        Good("FROM debian:12\nRUN echo $A\nCMD echo $B\n"),
        Good("FROM debian:12\nONBUILD WORKDIR $APP\n"),
        Good("FROM debian:12\nENV A=1 B=$A\n"),
        Good("ARG A=$A\nFROM debian:12\nARG B=$B\n"),
        Good("FROM ghcr.io/owner/app:1\nENV PORT1=1\nEXPOSE $PORT2\n"),
    )

    def check_instruction(self, instruction: Instruction, model: Model) -> Iterator[Finding]:
        if (
            "$" not in instruction.line.text
            or instruction.type in ("from", "onbuild")
            or instruction.is_onbuild_trigger
        ):
            return
        from dflint.model.expansion import expanded_words

        for word in expanded_words(instruction):
            if "$" not in word.text:
                continue
            environment = model.environment_before(instruction)
            guarded = -1
            for use in word.variables:
                if use.modifier in (":+", "+"):
                    guarded = max(guarded, use.end)  # what stands in it, is only put in if the variable is set
                if use.start < guarded or use.modifier[-1:] in ("-", "+", "?") or not use.name.isidentifier():
                    continue
                if environment.lookup(use.name) is None and not _is_left_alone(use, instruction, model):
                    yield from self._check(use, instruction, environment, model)

    def _check(
        self, use: VariableUse, instruction: Instruction, environment: Environment, model: Model
    ) -> Iterator[Finding]:
        from dflint.model.environment import PLATFORM_ARGS

        name = use.name
        stage = model.stage_of(instruction)
        is_known = environment.is_complete or (stage is not None and _is_bare(stage))
        if stage is not None and name in PLATFORM_ARGS:
            message = f"{name} is not seen without an ARG {name} in the stage"
            yield self.finding(use, message, _declaration(name, stage, model))
            return
        if stage is not None and (is_known or not name.endswith(_OF_IMAGES)):
            if _is_global(name, model):
                message = f"{name} from before the first FROM is not seen here, the stage needs its own ARG {name}"
                yield self.finding(use, message, _declaration(name, stage, model))
                return
            if not is_known and _is_arg_elsewhere(name, model):
                yield self.finding(use, f"{name} is empty here, only another stage has an ARG of that name")
                return
        near = _slip_of(name, environment)
        if near is not None and not environment.is_windows:
            end = use.name_start + len(name)
            fix = None
            if model.source.text[use.name_start : end] == name:
                fix = Fix.of(f"Write {near}", "unsafe", [Edit(use.name_start, end, near)])
            yield self.finding(use, f"nothing sets {name}: did you mean {near}?", fix)
        elif is_known:
            own = instruction.type == "env" and any(p.key.text == name for p in instruction.pairs)  # type: ignore[attr-defined]
            so = ", so the list gets an empty entry" if own and name.endswith(("PATH", "LIB")) else ""
            yield self.finding(use, f"{name} is empty here, nothing sets it{so}")


def _is_left_alone(use: VariableUse, instruction: Instruction, model: Model) -> bool:
    """Whether another pair of the same ENV sets the variable, or it is `ARG A=$A` with no A to be had from above."""
    if instruction.type == "arg":  # as good as an empty default
        own = any(pair.key.text == use.name and pair.start <= use.start < pair.end for pair in instruction.pairs)  # type: ignore[attr-defined]
        stage = model.stage_of(instruction)
        return own and (stage is None or not _is_global(use.name, model))
    if instruction.type != "env":
        return False
    pairs = instruction.pairs  # type: ignore[attr-defined]
    return any(pair.key.text == use.name and not pair.start <= use.start < pair.end for pair in pairs)


def _is_global(name: str, model: Model) -> bool:
    return any(pair.key.text == name for arg in model.global_args for pair in arg.pairs)


def _is_bare(stage: Stage) -> bool:
    image = stage.root.image_name
    return image is not None and image.is_official and image.name in _BARE_IMAGES


def _declaration(name: str, stage: Stage, model: Model) -> Fix | None:
    keyword = "arg" if stage.from_.keyword.text.islower() else "ARG"
    at = stage.from_.full_end
    if not model.source.text[:at].endswith("\n"):
        return None
    return Fix.of(f"Declare ARG {name} in the stage", "unsafe", [Edit(at, at, f"{keyword} {name}\n")])


def _is_arg_elsewhere(name: str, model: Model) -> bool:
    is_arg = False
    for instruction in model.instructions:
        if instruction.type in ("arg", "env"):
            for pair in instruction.pairs:  # type: ignore[attr-defined]
                if pair.key.text == name:
                    if instruction.type == "env":
                        return False
                    is_arg = True
    return is_arg


def _slip_of(name: str, environment: Environment) -> str | None:
    """A variable of the file whose name differs by a slip: one letter, two swapped, capitals, an underscore."""
    if len(name) < 5:
        return None
    for other, variable in environment.variables.items():
        if other == "PATH" or variable.origin == "base" or abs(len(other) - len(name)) > 1:
            continue
        if other.isidentifier() and _is_slip(name, other):
            return other
    return None


def _is_slip(one: str, other: str) -> bool:
    if one.replace("_", "").lower() == other.replace("_", "").lower():
        return True
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    left, right = one[start : len(one) - end], other[start : len(other) - end]
    if any(char.isdigit() or char == "_" for char in left + right):
        return False
    if len(left) == len(right) == 2:
        return left == right[::-1]
    return len(left) <= 1 and len(right) <= 1
