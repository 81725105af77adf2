from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import name_and_subcommand, package_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Run

_SYSTEM = frozenset(("apt-get", "apt", "aptitude", "apk", "yum", "dnf", "microdnf", "tdnf", "zypper"))
_DISTRIBUTION = frozenset(("dist-upgrade", "dup"))


class SystemUpgrade(Rule):
    """A RUN upgrades all packages of the base image.

    ## Why is this bad?

    Each upgraded package is in the image twice, old in the base image's layer and new above it. What is installed
    depends on the day of the build, and a cached layer is not upgraded at all. A newer base image brings the same
    updates without either.

    The rule is off by default: where security fixes must reach an image before its base image is rebuilt, upgrading
    is the accepted way.

    ## Exceptions

    Upgrading packages by name is fine. `zypper dist-upgrade` has its own rule, `distribution-upgrade`.
    """

    name = "system-upgrade"
    category = "reproducibility"
    level = "info"
    since = "0.1.0"
    status = "off"

    bad = (
        Bad("FROM debian:12\nRUN apt-get update && apt-get -y upgrade\n", at=("apt-get -y upgrade",)),
        Bad("FROM debian:12\nrun apt-get update \\\n && apt-get dist-upgrade -y\n", at=("apt-get dist-upgrade",)),
        Bad("FROM alpine:3.20\nONBUILD RUN apk upgrade --no-cache\n", at=("apk upgrade",)),
        Bad("FROM fedora:40\nRUN <<EOF\ndnf -y update\nyum upgrade -y\nEOF\n", at=("dnf -y update", "yum upgrade")),
    )
    good = (
        Good("FROM debian:12\nRUN apt-get update && apt-get install -y --only-upgrade openssl\n"),
        Good("FROM fedora:40\nRUN dnf -y update openssl && dnf makecache\n"),
        Good("FROM alpine:3.20\nRUN apk update && apk add --upgrade openssl && apk upgrade $PACKAGES\n"),
        Good("FROM opensuse/leap:15\nRUN zypper dup -y\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        for command in package_commands(run, model):
            if command.manager not in _SYSTEM or command.action != "upgrade" or command.operands:
                continue
            if command.manager == "zypper" and command.subcommand_name in _DISTRIBUTION:
                continue
            yield self.finding(
                name_and_subcommand(command),
                f'"{command.manager} {command.subcommand_name}" upgrades everything: use a newer base image',
            )
