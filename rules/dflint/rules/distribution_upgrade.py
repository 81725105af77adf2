from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import name_and_subcommand, package_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Run

_UPGRADES = frozenset(("dist-upgrade", "dup"))


class DistributionUpgrade(Rule):
    """`zypper dist-upgrade` moves the whole image to another release.

    ## Why is this bad?

    It changes package vendors and downgrades packages until the system equals what the repositories hold that day.
    The image is then no longer what its base image says. Choose another base image instead.

    ## Exceptions

    Tumbleweed knows no other way to update, so it is not reported there. For `apt-get dist-upgrade` and the like see
    `system-upgrade`.
    """

    name = "distribution-upgrade"
    category = "reproducibility"
    level = "warning"
    aliases = ("DL3035",)
    since = "0.1.0"

    bad = (
        Bad("FROM opensuse/leap:15\nRUN zypper -n dist-upgrade\n", at=("zypper -n dist-upgrade",)),
        Bad("FROM opensuse/leap:15\nrun zypper ref \\\n && zypper dup -y\n", at=("zypper dup",)),
        Bad("FROM registry.suse.com/bci/bci-base:15.6\nONBUILD RUN <<EOF\nzypper dup -y\nEOF\n", at=("zypper dup",)),
    )
    good = (
        Good("FROM opensuse/leap:15\nRUN zypper -n install curl && zypper -n update curl\n"),
        Good("FROM opensuse/tumbleweed:latest\nRUN zypper -n dup\n"),
        Good("FROM opensuse/leap:15\nRUN echo zypper dup\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        for command in package_commands(run, model):
            if command.manager != "zypper" or command.subcommand_name not in _UPGRADES:
                continue
            stage = model.stage_of(run)
            if stage is not None and "tumbleweed" in (stage.root.base_text or "tumbleweed"):
                return
            yield self.finding(
                name_and_subcommand(command),
                f'"zypper {command.subcommand_name}" moves the image to another release: change the base image',
            )
