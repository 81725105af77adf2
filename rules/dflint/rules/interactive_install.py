from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import can_edit, has_unknown_options, package_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model
    from dflint.packages.command import PackageCommand
    from dflint.syntax.tree import Run

_ASKING = frozenset(("install", "upgrade", "remove"))
_APT = ("-y", "--yes", "--assume-yes", "-qq", "--assume-no", "-s", "--simulate", "--just-print", "--dry-run",
        "--recon", "--no-act", "--print-uris", "--help", "-h")  # fmt: skip
_RPM = ("-y", "--assumeyes", "--assumeno", "--help", "-h")
_QUIET: dict[str, tuple[str, ...]] = {
    "apt-get": _APT,
    "apt": _APT,
    "aptitude": _APT,
    "yum": _RPM,
    "dnf": _RPM,
    "tdnf": _RPM,
    "zypper": ("-n", "--non-interactive", "-y", "--no-confirm", "--dry-run", "-D", "--help", "-h"),
}
# What a configuration file says, and how it is called.
_MARKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "apt-get": (("apt::get::assume-yes",), ("apt.conf",)),
    "apt": (("apt::get::assume-yes",), ("apt.conf",)),
    "aptitude": (("apt::get::assume-yes", "aptitude::cmdline::assume-yes"), ("apt.conf",)),
    "yum": (("assumeyes=", "assumeyes ="), ("yum.conf",)),
    "dnf": (("assumeyes=", "assumeyes ="), ("dnf.conf",)),
    "tdnf": (("assumeyes=", "assumeyes ="), ("tdnf.conf",)),
    "zypper": ((), ()),
}


class InteractiveInstall(Rule):
    """A package manager asks for confirmation, and nobody is there to answer.

    ## Why is this bad?

    A build has no terminal: the question is taken as "no" and the build stops. Some commands ask only when more is to
    be installed than was named, so that such a build may work today and fail when a package gets a new dependency.

    Looked at are `install`, `upgrade` and `remove` of apt-get, apt, aptitude, yum, dnf, tdnf and zypper.

    ## Exceptions

    Silent with any of the manager's own ways to say yes (`-y`, `--yes`, `-qq`, `-q=2`, `--assumeyes`, `zypper -n`), if
    the answer is piped in (`yes | apt-get install ...`), if the command only simulates, and if the Dockerfile writes
    or copies a configuration file that may say so.

    ## Fix safety

    The fix adds `-y` behind the subcommand. Where the command asked, the build failed; where it did not, nothing
    changes.

    ## Differs from hadolint

    `upgrade` and `remove` ask too. `microdnf` is left out: it takes yes for granted (its dnf-main.c). sudo and other
    wrappers are seen through. Variables that may hold options (`$APT_FLAGS`) keep the rule silent.
    """

    name = "interactive-install"
    category = "correctness"
    level = "warning"
    aliases = ("DL3014", "DL3030", "DL3034", "DL3038")
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\nRUN apt-get update && apt-get install curl\n",
            at=("install",),
            fixed="FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
        ),
        Bad(
            "FROM debian:12\nrun apt-get update \\\n && apt-get install\\\n    curl\n",
            at=("install",),
            fixed="FROM debian:12\nrun apt-get update \\\n && apt-get install -y\\\n    curl\n",
        ),
        Bad(
            "FROM fedora:40\nRUN yum install curl && dnf -q upgrade\n",
            at=("install", "upgrade"),
            fixed="FROM fedora:40\nRUN yum install -y curl && dnf -q upgrade -y\n",
        ),
        Bad(
            "FROM opensuse/leap:15\nRUN <<EOF\nzypper refresh\nzypper in curl\nEOF\n",
            at=("in",),
            fixed="FROM opensuse/leap:15\nRUN <<EOF\nzypper refresh\nzypper in -y curl\nEOF\n",
        ),
        Bad(
            "FROM debian:12\nONBUILD RUN sudo apt-get remove curl\n",
            at=("remove",),
            fixed="FROM debian:12\nONBUILD RUN sudo apt-get remove -y curl\n",
        ),
        Bad('FROM debian:12\nRUN bash -c "apt-get install curl"\n', at=("install",)),
    )
    good = (
        Good("FROM debian:12\nRUN apt-get update && apt-get install -y curl && apt-get clean\n"),
        Good("FROM debian:12\nRUN apt-get -qq install curl && apt-get install -q=2 curl && apt-get -yq install wget\n"),
        Good("FROM debian:12\nRUN yes | apt-get install curl\n"),
        Good("FROM debian:12\nRUN apt-get -o APT::Get::Assume-Yes=true install curl\n"),
        Good(
            "FROM debian:12\nRUN echo 'APT::Get::Assume-Yes \"true\";' > /etc/apt/apt.conf.d/90yes\n"
            "RUN apt-get install curl\n"
        ),
        Good("FROM centos:7\nRUN yum --assumeyes install curl && yum makecache\n"),
        Good("FROM fedora:40\nRUN echo 'assumeyes=1' >> /etc/dnf/dnf.conf && dnf install curl\n"),
        Good("FROM opensuse/leap:15\nRUN zypper -n install curl && zypper install -y wget && zypper refresh\n"),
        Good("FROM redhat/ubi9-minimal\nRUN microdnf install curl\n"),
        Good("FROM debian:12\nRUN apt-get install $OPTIONS curl && apt-get autoremove\n"),
        Good("FROM debian:12\nCOPY 90yes /etc/apt/apt.conf.d/\nRUN apt-get install curl\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        for command in package_commands(run, model):
            if command.manager not in _QUIET or command.subcommand is None:
                continue
            if command.action not in _ASKING and command.subcommand_name != "build-dep":
                continue
            # Without an operand nothing may be left to remove, then nothing is asked.
            if command.action == "remove" and not command.operands:
                continue
            if command.has(*_QUIET[command.manager]) or _may_be_answered(command, run, model):
                continue
            yield self.finding(
                command.subcommand,
                f'"{command.manager} {command.subcommand_name}" asks for confirmation: say -y',
                _fix(command, run),
            )


def _may_be_answered(command: PackageCommand, run: Run, model: Model) -> bool:
    inner = command.command
    pipeline = inner.pipeline
    if len(pipeline.commands) > 1 and not inner.start < pipeline.commands[0].end:
        return True
    if any(redirect.operator.startswith("<") for redirect in inner.redirects):
        return True
    if has_unknown_options(inner):
        return True
    settings = [(word.value or "").lower() for word in command.values("-o", "--option", "--setopt")]
    if any("yes=" in setting for setting in settings):
        return True
    from dflint.rules._package_commands import has_configuration

    return has_configuration(run, model, *_MARKS[command.manager])


def _fix(command: PackageCommand, run: Run) -> Fix | None:
    subcommand = command.subcommand
    if subcommand is None or not can_edit(command.command, run):
        return None
    from dflint.findings import Edit, Fix

    return Fix("Add -y", "safe", (Edit(subcommand.end, subcommand.end, " -y"),))
