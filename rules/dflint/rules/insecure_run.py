from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Run


class InsecureRun(Rule):
    """A RUN asks for more rights than a build step has.

    ## Why is this bad?

    `--security=insecure` gives the step all capabilities and no seccomp or AppArmor profile: what it downloads and
    runs can take over the builder. `--network=host` lets it reach every service of the builder's host, also those that
    listen on localhost only. A builder that other projects share refuses both unless it was told to allow them
    (`--allow security.insecure`), so the file also builds in fewer places.

    ## Exceptions

    Silent for variables without a known value.
    """

    name = "insecure-run"
    category = "security"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12\nRUN --security=insecure mount -t tmpfs none /mnt\n", at=("--security=insecure",)),
        Bad(
            "FROM debian:12\nrun --network=host \\\n  --mount=type=tmpfs,target=/t make\n",
            at=("--network=host",),
        ),
        Bad("FROM debian:12\nONBUILD RUN --network=host make\n", at=("--network=host",)),
    )
    good = (
        Good("FROM debian:12\nRUN --security=sandbox --network=default make\n"),
        Good("FROM debian:12\nRUN --network=none make\n"),
        Good("FROM debian:12\nRUN docker run --network=host app\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        for flag in run.flags:
            if flag.name == "security" and flag.text == "insecure":
                yield self.finding(flag, "this step can take over the builder: it has all rights there")
            elif flag.name == "network" and flag.text == "host":
                yield self.finding(flag, "this step reaches every service of the builder's host")
