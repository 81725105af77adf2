"""Which of the distribution's packages the final stage installs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.packages import parse_package_command
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dflint.optimizer.split.view import View
    from dflint.packages.command import Package, PackageCommand

SYSTEM = frozenset(("apt-get", "apt", "apk", "yum", "dnf", "microdnf"))


class Packages(NamedTuple):
    """What to install. ``kept`` maps the start of a package's word to the packages in its place."""

    kept: Mapping[int, tuple[str, ...]]
    dropped: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    """Packages that the original did not install by name, for the libraries and programs that the base lacks."""
    extra_line: str = ""
    """A RUN that installs ``extra``; empty if there are none."""
    assumes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Wanted(NamedTuple):
    """What the application needs of the system."""

    packages: tuple[str, ...]
    programs: frozenset[str]
    assumes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def choose_packages(view: View, wanted: Wanted, release: str | None, is_same_base: bool) -> Packages:
    """Sort the packages that the stage installs into what runs and what only builds."""
    from dflint.optimizer.needs import is_build_only, runtime_package

    kept: dict[int, tuple[str, ...]] = {}
    dropped: list[str] = []
    seen: set[str] = set()
    for command in _installs(view):
        for package in command.packages:
            name = package.name
            seen.add(name)
            if is_build_only(name):
                kept[package.word.start] = ()
                dropped.append(name)
            else:
                runtime = runtime_package(name, release) if release else None
                if runtime is not None:
                    dropped.append(name)
                    kept[package.word.start] = tuple(runtime)
                    seen.update(runtime)
                else:
                    kept[package.word.start] = (_as_written(package),)
    extra = tuple(name for name in dict.fromkeys(wanted.packages) if name not in seen)
    return Packages(
        kept, tuple(dict.fromkeys(dropped)), extra, _install_line(view, extra),
        wanted.assumes, wanted.notes,
    )  # fmt: skip


def _as_written(package: Package) -> str:
    return package.word.raw


def _installs(view: View) -> Iterable[PackageCommand]:
    for _, run, _ in view.runs():
        for command in view.model.commands_of(run):
            found = parse_package_command(command)
            if found is not None and found.manager in SYSTEM and found.action == "install":
                yield found


def _install_line(view: View, packages: tuple[str, ...]) -> str:
    if not packages:
        return ""
    from dflint.facts import facts_of

    image = view.stage.image
    manager = facts_of(image).package_manager if image is not None else "apt"
    names = " ".join(packages)
    if manager == "apk":
        return f"RUN apk add --no-cache {names}"
    escape = view.model.tree.escape
    newline = view.model.source.newline
    go_on = f" {escape}{newline}    && "
    return go_on.join(
        ("RUN apt-get update", f"apt-get install -y --no-install-recommends {names}", "rm -rf /var/lib/apt/lists/*")
    )
