from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import can_edit, package_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Applicability, Finding, Fix
    from dflint.model import Model
    from dflint.packages.command import PackageCommand
    from dflint.syntax.tree import Run

# What apt-get calls alike and does alike.
_SAME = frozenset(
    ("install", "remove", "purge", "autoremove", "autopurge", "update", "clean", "autoclean", "source", "build-dep",
     "download", "dist-upgrade", "reinstall", "satisfy", "changelog", "check", "distclean", "dist-clean", "auto-remove")
)  # fmt: skip
_OF_APT_CACHE = frozenset(("search", "show", "policy", "depends", "rdepends", "madison", "pkgnames", "showsrc"))


class AptCommand(Rule):
    """`apt` is made for people at a terminal, not for scripts.

    ## Why is this bad?

    `apt` warns itself that its command line interface is not stable: options, output and behaviour may change between
    releases (apt(8), "Script usage and differences from other APT tools"). `apt-get` and `apt-cache` keep theirs.

    ## Exceptions

    Commands that only mention apt (`which apt`, a path as an argument) are not meant.

    ## Fix safety

    The fix writes the command of apt-get or apt-cache that does the same: `apt full-upgrade` becomes `apt-get
    dist-upgrade`, `apt upgrade`, which may install new packages, becomes `apt-get upgrade --with-new-pkgs`. `apt list`
    and the interactive commands have no counterpart and are only reported. `apt search` and `apt show` print in another
    layout, so that fix is unsafe.
    """

    name = "apt-command"
    category = "style"
    level = "warning"
    aliases = ("DL3027",)
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\nRUN apt update && apt install -y curl\n",
            at=("apt", "apt"),
            fixed="FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
        ),
        Bad(
            "FROM debian:12\nrun sudo apt -y full-upgrade \\\n && /bin/apt upgrade -y\n",
            at=("apt", "/bin/apt"),
            fixed="FROM debian:12\nrun sudo apt-get -y dist-upgrade \\\n && /bin/apt-get upgrade --with-new-pkgs -y\n",
        ),
        Bad("FROM debian:12\nRUN apt list --installed\n", at=("apt",)),
        Bad(
            "FROM debian:12\nONBUILD RUN <<EOF\napt search curl\nEOF\n",
            at=("apt",),
            fixed="FROM debian:12\nONBUILD RUN <<EOF\napt-cache search curl\nEOF\n",
        ),
        Bad('FROM debian:12\nRUN sh -c "apt update"\n', at=("apt",)),
    )
    good = (
        Good("FROM debian:12\nRUN apt-get update && apt-get install -y curl\n"),
        Good("FROM debian:12\nRUN which apt || echo apt\n"),
        Good("FROM debian:12\nRUN rm -rf /var/cache/apt && command -v apt\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        for command in package_commands(run, model):
            name = command.command.name
            if command.manager == "apt" and name is not None:
                yield self.finding(
                    name, "apt has no stable interface for scripts: use apt-get or apt-cache", _fix(command, run)
                )


def _fix(command: PackageCommand, run: Run) -> Fix | None:
    name, subcommand = command.command.name, command.subcommand
    if name is None or subcommand is None or subcommand.is_quoted or not can_edit(command.command, run):
        return None
    if name.value != name.raw or not name.raw.endswith("apt"):
        return None
    from dflint.findings import Edit, Fix

    end = name.end
    what = command.subcommand_name
    if what in _OF_APT_CACHE:
        # What search and show print is laid out differently.
        applicability: Applicability = "unsafe" if what in ("search", "show") else "safe"
        return Fix("Use apt-cache", applicability, (Edit(end, end, "-cache"),))
    edits = [Edit(end, end, "-get")]
    if what == "full-upgrade":
        edits.append(Edit(subcommand.start, subcommand.end, "dist-upgrade"))
    elif what == "upgrade":
        if not command.has("--with-new-pkgs", "--without-new-pkgs"):
            edits.append(Edit(subcommand.end, subcommand.end, " --with-new-pkgs"))
    elif what not in _SAME:
        return None
    return Fix.of("Use apt-get", "safe", edits)
