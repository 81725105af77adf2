from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import can_edit, is_in_image, name_and_subcommand, package_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model
    from dflint.packages.command import PackageCommand
    from dflint.syntax.tree import Run

_FOLDERS = {
    "yum": ("/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5"),
    "dnf": ("/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"),
    "microdnf": ("/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5"),
    "tdnf": ("/var/cache/tdnf",),
    "zypper": ("/var/cache/zypp",),
}
_FILLING = frozenset(("install", "upgrade", "update"))


class PackageCacheLeft(Rule):
    """yum, dnf or zypper leave their package cache in the image.

    ## Why is this bad?

    The managers of Red Hat, Fedora, Amazon Linux, Azure Linux and SUSE keep the metadata of all repositories, 100 MB
    and more, and depending on the settings the packages too. A later RUN cannot take them out of the layer again.

    ## Exceptions

    Silent if a later command of the RUN cleans (`yum clean all`, `zypper clean`, any of the family's managers counts)
    or deletes the cache's folder below `/var/cache`, if a mount covers that folder, if a command of the RUN is a
    clean-up script, and in stages that others only copy from.

    ## Fix safety

    The fix adds `MANAGER clean all` (`zypper clean --all`) as the last command of the same RUN, which then ends as it
    did before. A cache mount on the folder is the better remedy if the build runs often.

    ## Differs from hadolint

    `upgrade` and `makecache` fill the cache too. Mounts count for yum as well. Stages in no image are left out.
    """

    name = "package-cache-left"
    category = "size"
    level = "warning"
    aliases = ("DL3032", "DL3036", "DL3040")
    since = "0.1.0"

    bad = (
        Bad(
            "FROM centos:7\nRUN if command -v yum; then yum install -y curl; else zypper -n in curl; fi\n",
            at=("yum install", "zypper -n in"),
        ),
        Bad(
            "FROM centos:7\nRUN yum install -y curl\n",
            at=("yum install",),
            fixed="FROM centos:7\nRUN yum install -y curl && yum clean all\n",
        ),
        Bad(
            "FROM fedora:40\nrun dnf -y upgrade \\\n  && dnf -y install \\\n    curl\n",
            at=("dnf -y install",),
            fixed="FROM fedora:40\nrun dnf -y upgrade \\\n  && dnf -y install \\\n    curl \\\n  && dnf clean all\n",
        ),
        Bad(
            "FROM opensuse/leap:15\nRUN <<EOF\nset -e\nzypper -n install curl\nzypper -n install wget\nEOF\n",
            at=("zypper -n install",),
            fixed="FROM opensuse/leap:15\nRUN <<EOF\nset -e\nzypper -n install curl\nzypper -n install wget\n"
            "zypper clean --all\nEOF\n",
        ),
        Bad(
            "FROM redhat/ubi9-minimal\nONBUILD RUN microdnf clean all; microdnf install curl\n",
            at=("microdnf install",),
            fixed="FROM redhat/ubi9-minimal\nONBUILD RUN microdnf clean all; microdnf install curl"
            " && microdnf clean all\n",
        ),
        Bad("FROM fedora:40\nRUN dnf -y --installroot=/mnt install curl\n", at=("dnf -y --installroot=/mnt install",)),
    )
    good = (
        Good("FROM centos:7\nRUN yum install -y curl && yum clean all\n"),
        Good("FROM centos:7\nRUN yum install -y curl && rm -rf /var/cache/yum\n"),
        Good("FROM centos:8\nRUN yum install -y curl && dnf clean all\n"),
        Good("FROM fedora:40\nRUN dnf install -y curl && rm -rf /var/cache/* /var/log/*\n"),
        Good("FROM fedora:40\nRUN --mount=type=cache,target=/var/cache/libdnf5 dnf install -y curl\n"),
        Good("FROM opensuse/leap:15\nRUN zypper -n in curl && zypper clean\n"),
        Good("FROM opensuse/leap:15\nRUN zypper -n in curl && /usr/local/bin/cleanup\n"),
        Good("FROM fedora:40 AS build\nRUN dnf install -y gcc\nFROM fedora:40\nCOPY --from=build /app /app\n"),
        Good("FROM fedora:40\nRUN dnf remove -y curl && dnf config-manager --set-enabled crb\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        filling: dict[bool, PackageCommand] = {}  # by whether it is zypper: the others share their caches
        for command in package_commands(run, model):
            if command.manager not in _FOLDERS:
                continue
            if command.action in _FILLING and not command.has("--downloadonly", "--help", "--assumeno"):
                filling[command.manager == "zypper"] = command
            elif command.action == "clean":
                filling.pop(command.manager == "zypper", None)
        if not filling or not is_in_image(run, model):
            return
        from dflint.rules._mounted_paths import is_mounted
        from dflint.rules._removed_paths import is_removed

        for left in filling.values():
            folders = _FOLDERS[left.manager]
            if is_mounted(run, model, *folders) or is_removed(run, model, left.command.end, *folders):
                continue
            yield self.finding(
                name_and_subcommand(left),
                f"the cache of {left.manager} stays in the layer: clean it in the same RUN",
                _fix(left, run, model) if len(filling) == 1 else None,
            )


def _fix(command: PackageCommand, run: Run, model: Model) -> Fix | None:
    name = command.command.name
    if not can_edit(command.command, run) or command.has("--installroot", "--root", "-R") or name is None:
        return None
    if name.raw != name.value or any(c.program in ("sudo", "doas") for c in model.commands_of(run)):
        return None
    from dflint.findings import Fix
    from dflint.rules._last_command import appended

    text = f"{name.raw} clean {'--all' if command.manager == 'zypper' else 'all'}"
    edit = appended(run, model, text)
    return None if edit is None else Fix(f'Add "{text}" at the end of the RUN', "safe", (edit,))
