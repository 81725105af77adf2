from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import has_configuration, package_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.packages.command import Package
    from dflint.syntax.tree import Run

_HOW = {
    "apt-get": "=", "apt": "=", "aptitude": "=", "apk": "=", "yum": "-", "dnf": "-", "microdnf": "-", "tdnf": "-",
    "zypper": "=",
}  # fmt: skip
_GROUPS = frozenset(("groupinstall", "group install", "groups install", "module install"))


class UnpinnedSystemPackages(Rule):
    """A package of the distribution is installed in whatever version its mirror holds that day.

    ## Why is this bad?

    Two builds of the same Dockerfile may install different versions.

    The rule is off by default, since following it often does more harm: the mirrors of Debian, Ubuntu, Alpine and
    Fedora delete a version when they get the next one, so a pinned build soon fails, usually at a security update,
    which the pin would have kept out. What does work is an archive of a fixed day, such as snapshot.debian.org, or a
    base image pinned by digest that brings the packages along.

    ## Exceptions

    Any version or release condition counts, a variable too. Silent on package files, URLs, groups and names that only
    the build knows, with `-t` or `--snapshot`, and where the Dockerfile speaks of a snapshot archive.

    ## Differs from hadolint

    Off by default. One finding for each package, at its name.
    """

    name = "unpinned-system-packages"
    category = "reproducibility"
    level = "info"
    aliases = ("DL3008", "DL3018", "DL3033", "DL3037", "DL3041")
    since = "0.1.0"
    status = "off"

    bad = (
        Bad("FROM debian:12\nRUN apt-get install -y curl wget=1.21.3-1+b2\n", at=("curl",)),
        Bad("FROM debian:12\nARG APT_FLAGS=-y\nRUN apt-get ${APT_FLAGS} install curl\n", at=("curl",)),
        Bad(
            "FROM alpine:3.20\nrun apk add --virtual .build \\\n    gcc \\\n    make~4.4 py3@edge\n",
            at=("gcc", "py3@edge"),
        ),
        Bad("FROM centos:7\nRUN yum install -y httpd-2.4.6 curl\n", at=("curl",)),
        Bad("FROM fedora:40\nONBUILD RUN <<EOF\ndnf install -y curl\nmicrodnf install tar\nEOF\n", at=("curl", "tar")),
        Bad("FROM opensuse/leap:15\nRUN zypper -n install curl 'wget>=1.20'\n", at=("curl",)),
    )
    good = (
        Good("FROM debian:12\nRUN apt-get install -y curl=7.88.1-10 wget=$WGET ./x.deb $PACKAGES nginx/bookworm\n"),
        Good(
            'FROM ubuntu:18.04\nRUN apt-get update \\\n && deps="python3=3.6.7-1~18.04" \\\n'
            " && apt-get install -y $deps\n"
        ),
        Good(
            "FROM debian:12\nRUN echo deb http://snapshot.debian.org/archive/debian/20240101T000000Z bookworm main"
            " > /etc/apt/sources.list && apt-get update && apt-get install -y curl\n"
        ),
        Good("FROM alpine:3.20\nRUN apk add curl=8.9.1-r1 make~4.4 'gcc>13' ./x.apk && apk del wget\n"),
        Good("FROM centos:7\nRUN yum install -y httpd-2.4.6 https://example.org/x.rpm @development x.rpm\n"),
        Good("FROM opensuse/leap:15\nRUN zypper -n install curl=8.0.1 x.rpm\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        for command in package_commands(run, model):
            how = _HOW.get(command.manager)
            if how is None or command.action != "install" or command.subcommand_name in _GROUPS:
                continue
            if command.manager.startswith("apt") and (
                command.has("-t", "--target-release", "--default-release", "--snapshot", "-S")
                or has_configuration(run, model, ("snapshot.debian.org", "snapshot.ubuntu.com"))
            ):
                continue
            for package in command.packages:
                if _is_unpinned(package):
                    yield self.finding(
                        package.word,
                        f"the version of {package.name} is left open: say {package.name}{how}VERSION",
                    )


def _is_unpinned(package: Package) -> bool:
    if package.source != "index" or package.version is not None or package.word.variables:
        return False
    name = package.name
    return bool(name) and not name.startswith(("@", "/", "-", "!", ".")) and not package.word.has_glob
