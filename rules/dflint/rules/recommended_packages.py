from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import can_edit, has_configuration, has_unknown_options, package_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model
    from dflint.packages.command import PackageCommand
    from dflint.syntax.tree import Run

_APT = frozenset(("apt-get", "apt"))


class RecommendedPackages(Rule):
    """`apt-get install` brings recommended packages along that nobody asked for.

    ## Why is this bad?

    Debian and Ubuntu install what a package recommends, not only what it needs: documentation tools, mail servers,
    fonts, even whole desktop libraries. `--no-install-recommends` often halves what is installed, and what is not
    there needs no security updates.

    ## Exceptions

    Silent if `--install-recommends` says that it is meant, if an option or a configuration file that the Dockerfile
    writes or copies settles `APT::Install-Recommends`, if a variable may hold the option (`$APT_OPTIONS`), and if no
    package is named.

    ## Fix safety

    The fix adds `--no-install-recommends`. It is unsafe: the image may rely on a recommended package, such as
    `ca-certificates` for curl or wget. Name what you need beside it.

    ## Differs from hadolint

    `apt install` is looked at too, and `--install-recommends` is respected.
    """

    name = "recommended-packages"
    category = "size"
    level = "info"
    aliases = ("DL3015",)
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
            at=("install",),
            fixed="FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl\n",
        ),
        Bad(
            "FROM debian:12\nrun apt-get update \\\n && apt-get -y install \\\n    curl\n",
            at=("install",),
            fixed="FROM debian:12\nrun apt-get update \\\n"
            " && apt-get -y install --no-install-recommends \\\n    curl\n",
        ),
        Bad(
            "FROM debian:12\nRUN <<EOF\napt install -y $PACKAGES\nEOF\n",
            at=("install",),
            fixed="FROM debian:12\nRUN <<EOF\napt install -y --no-install-recommends $PACKAGES\nEOF\n",
        ),
        Bad(
            "FROM debian:12\nONBUILD RUN apt-get -y -t bookworm-backports install curl\n",
            at=("install",),
            fixed="FROM debian:12\nONBUILD RUN apt-get -y -t bookworm-backports install --no-install-recommends curl\n",
        ),
    )
    good = (
        Good("FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl\n"),
        Good("FROM debian:12\nRUN apt-get install -y --install-recommends curl\n"),
        Good("FROM debian:12\nRUN apt-get install -y -o APT::Install-Recommends=0 curl\n"),
        Good(
            "FROM debian:12\nRUN echo 'APT::Install-Recommends \"false\";' > /etc/apt/apt.conf.d/99no\n"
            "RUN apt-get install -y curl\n"
        ),
        Good("FROM debian:12\nCOPY apt.conf.d/ /etc/apt/apt.conf.d/\nRUN apt-get install -y curl\n"),
        Good("FROM debian:12\nRUN apt-get install -y -f && apt-get install -y $APT_OPTIONS curl\n"),
        Good("FROM debian:12\nRUN apt-get remove -y curl && apt-get download wget\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        for command in package_commands(run, model):
            if command.manager not in _APT or command.action != "install" or not command.packages:
                continue
            if command.has("--no-install-recommends", "--install-recommends", "-d", "--download-only"):
                continue
            if has_unknown_options(command.command):
                continue
            if has_configuration(run, model, ("apt::install-recommends",), ("apt.conf",)):
                return
            if command.subcommand is not None:
                yield self.finding(
                    command.subcommand,
                    f'"{command.manager} install" also installs recommended packages',
                    _fix(command, run),
                )


def _fix(command: PackageCommand, run: Run) -> Fix | None:
    word = command.subcommand
    if word is None or not can_edit(command.command, run):
        return None
    for option in command.options:  # behind the -y that usually follows
        if option.name in ("-y", "--yes") and option.word.begin > word.begin and option.word.begin == word.stop + 1:
            word = option.word
    from dflint.findings import Edit, Fix

    return Fix("Add --no-install-recommends", "unsafe", (Edit(word.end, word.end, " --no-install-recommends"),))
