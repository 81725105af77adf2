from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._final_user import shipped_chain
from dflint.syntax.tree import Healthcheck, Onbuild

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model


class MissingHealthcheck(Rule):
    """The shipped image has no HEALTHCHECK.

    ## Why is this bad?

    Without one Docker and Swarm see only whether the process is there, not whether it answers.

    The rule is off by default: Kubernetes ignores HEALTHCHECK, and tools and jobs need none.

    ## Exceptions

    Only the built image counts: the last stage and the stages it starts from. `HEALTHCHECK NONE` is a decision too.
    A base image may have a HEALTHCHECK that is not known here.

    ## Differs from hadolint

    DL3057 looks at each stage that no other starts from, build stages included.
    """

    name = "missing-healthcheck"
    category = "correctness"
    level = "info"
    aliases = ("DL3057",)
    since = "0.1.0"
    status = "off"

    bad = (
        Bad("FROM nginx:1.27\nCOPY site /usr/share/nginx/html\n", at=("nginx:1.27",)),
        Bad("FROM node:22 AS build\nHEALTHCHECK CMD a\nfrom nginx:1.27\nCOPY --from=build /a /\n", at=("nginx:1.27",)),
    )
    good = (
        Good("FROM nginx:1.27\nHEALTHCHECK CMD curl -f localhost\n"),
        Good("FROM nginx:1.27\nHEALTHCHECK NONE\n"),
        Good('FROM nginx:1.27 AS base\nHEALTHCHECK CMD curl -f localhost\nFROM base\nCMD ["a"]\n'),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        target = model.target
        if target is None or target.from_.image is None:
            return
        for stage in shipped_chain(model):
            for instruction in stage.instructions:
                if isinstance(instruction, Onbuild):
                    if stage is not target and isinstance(instruction.trigger, Healthcheck):
                        return
                elif isinstance(instruction, Healthcheck):
                    return
        yield self.finding(target.from_.image, "the image has no HEALTHCHECK")
