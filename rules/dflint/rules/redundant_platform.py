from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Flag, From

_DEFAULTING = frozenset(("", "-", ":-", "?", ":?"))


class RedundantPlatform(Rule):
    """FROM asks for `$TARGETPLATFORM`, which it gets anyway.

    ## Why is this bad?

    Each stage is built for the target platform unless it says otherwise. The flag reads as if something special were
    done, and hides the stages where something is.

    ## Exceptions

    A global ARG that gives TARGETPLATFORM a value of its own.

    ## Fix safety

    The fix removes the flag. BuildKit then takes the same platform by itself.
    """

    name = "redundant-platform"
    category = "base"
    level = "info"
    aliases = ("DL3065", "RedundantTargetPlatform")
    since = "0.1.0"
    tag = "unnecessary"

    bad = (
        Bad(
            "FROM --platform=$TARGETPLATFORM debian:12\n", at=("--platform=$TARGETPLATFORM",), fixed="FROM debian:12\n"
        ),
        Bad(
            "ARG TARGETPLATFORM\nfrom --platform=${TARGETPLATFORM} debian:12 as run\n",
            at=("--platform=${TARGETPLATFORM}",),
            fixed="ARG TARGETPLATFORM\nfrom debian:12 as run\n",
        ),
        Bad(
            "FROM --platform=${TARGETPLATFORM:-linux/amd64} debian:12\n",
            at=("--platform=${TARGETPLATFORM:-linux/amd64}",),
            fixed="FROM debian:12\n",
        ),
        Bad(
            "FROM --platform=$TARGETPLATFORM \\\n  # the runtime\n  debian:12\n",
            at=("--platform=$TARGETPLATFORM",),
            fixed="FROM \\\n  # the runtime\n  debian:12\n",
        ),
    )
    good = (
        Good("FROM --platform=$BUILDPLATFORM debian:12\n"),
        Good("FROM debian:12\n"),
        Good("ARG TARGETPLATFORM=linux/arm64\nFROM --platform=$TARGETPLATFORM debian:12\n"),
        Good("FROM --platform=$TARGETOS/$TARGETARCH debian:12\n"),
        Good("FROM --platform=${TARGETPLATFORM:+linux/arm64} debian:12\n"),
    )

    def check_from(self, instruction: From, model: Model) -> Iterator[Finding]:
        flag = instruction.flag("platform")
        if flag is None or flag.value is None or "TARGETPLATFORM" not in flag.value.text:
            return
        variables = flag.value.variables
        if len(variables) != 1 or variables[0].name != "TARGETPLATFORM" or variables[0].modifier not in _DEFAULTING:
            return
        variable = variables[0]
        if (variable.start, variable.end) != (flag.value.start, flag.value.end):
            return
        known = model.environment_before(instruction).lookup("TARGETPLATFORM")
        if known is None or known.origin != "platform":
            return
        fix = Fix.of("Remove the flag", "safe", [_removal(flag, model.source.text)])
        yield self.finding(flag, "the target platform is what a stage is built for anyway", fix)


def _removal(flag: Flag, text: str) -> Edit:
    end = flag.end
    while text[end] in " \t":
        end += 1
    return Edit(flag.start, end, "")
