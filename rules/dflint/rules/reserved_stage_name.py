from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import From

_RESERVED = {"scratch": "the empty image", "context": "the build context"}


class ReservedStageName(Rule):
    """A stage is called `scratch` or `context`.

    ## Why is this bad?

    Both words mean something else to the builder: `FROM scratch` is the empty image, and `context` the files that are
    sent to the build. A stage of that name hides it from the lines below, and readers take one for the other.
    BuildKit: frontend/dockerfile/dockerfile2llb/validations.go.
    """

    name = "reserved-stage-name"
    category = "base"
    level = "warning"
    aliases = ("DL3063", "ReservedStageName")
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12 AS scratch\n", at=("scratch",)),
        Bad("from debian:12 as Context\nfrom debian:12\n", at=("Context",)),
        Bad("FROM debian:12 \\\n    AS context\n", at=("context",)),
    )
    good = (
        Good("FROM scratch\n"),
        Good("FROM scratch AS empty\n"),
        Good("FROM debian:12 AS build-context\n"),
    )

    def check_from(self, instruction: From, model: Model) -> Iterator[Finding]:
        name = instruction.stage_name
        if name is not None and name.text.lower() in _RESERVED:
            meaning = _RESERVED[name.text.lower()]
            yield self.finding(name, f"A stage should not be called {name.text}, which means {meaning}")
