"""What the commands of package managers mean.

``parse_package_command(command)`` reads a simple command of a shell script by the table of its manager. The tables
stand in one module per family of managers, imported when a command of it is first met. The result's classes are in
``dflint.packages.command``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from dflint.packages.command import PackageCommand
    from dflint.shell import Command

# Program -> (module, manager).
PROGRAMS: dict[str, tuple[str, str]] = {
    "apt-get": ("apt", "apt-get"),
    "apt": ("apt", "apt"),
    "aptitude": ("apt", "aptitude"),
    "apk": ("apk", "apk"),
    "yum": ("rpm", "yum"),
    "dnf": ("rpm", "dnf"),
    "dnf5": ("rpm", "dnf"),
    "microdnf": ("rpm", "microdnf"),
    "tdnf": ("rpm", "tdnf"),
    "zypper": ("zypper", "zypper"),
    "pip": ("python", "pip"),
    "pipx": ("python", "pipx"),
    "pipenv": ("python", "pipenv"),
    "poetry": ("python", "poetry"),
    "uv": ("uv", "uv"),
    "uvx": ("uv", "uvx"),
    "conda": ("conda", "conda"),
    "mamba": ("conda", "mamba"),
    "micromamba": ("conda", "micromamba"),
    "npm": ("npm", "npm"),
    "npx": ("npm", "npx"),
    "yarn": ("yarn", "yarn"),
    "yarnpkg": ("yarn", "yarn"),
    "pnpm": ("pnpm", "pnpm"),
    "pnpx": ("pnpm", "pnpx"),
    "bun": ("bun", "bun"),
    "bunx": ("bun", "bunx"),
    "corepack": ("npm", "corepack"),
    "gem": ("ruby", "gem"),
    "bundle": ("ruby", "bundle"),
    "bundler": ("ruby", "bundle"),
    "go": ("go", "go"),
    "cargo": ("cargo", "cargo"),
    "composer": ("composer", "composer"),
    "composer.phar": ("composer", "composer"),
    "dotnet": ("dotnet", "dotnet"),
    "mvn": ("jvm", "mvn"),
    "mvnw": ("jvm", "mvn"),
    "gradle": ("jvm", "gradle"),
    "gradlew": ("jvm", "gradle"),
}


_LAUNCHERS = frozenset(("python", "pypy", "php", "corepack"))


def parse_package_command(command: Command) -> PackageCommand | None:
    """What a command of a package manager does, None for any other command.

    Seen through the wrappers of ``Command.unwrapped()``, ``python -m pip``, ``php composer.phar`` and ``corepack
    yarn``; by the program's base name, without a version at its end (``pip3.11``), also if only its folder is
    dynamic (``$X/bin/pip``).
    """
    if command.meaning is NotImplemented:
        command.meaning = _read(command.unwrapped())
    return cast("PackageCommand | None", command.meaning)


def _read(command: Command) -> PackageCommand | None:
    program = command.program
    if program is None:
        program = _static_base_name(command)
    words = command.arguments
    if program not in PROGRAMS:
        program = program.rstrip("0123456789.-")
    if program in _LAUNCHERS:
        from dflint.packages.launchers import launched

        program, words = launched(program, words)
    known = PROGRAMS.get(program)
    if known is None:
        return None
    from importlib import import_module

    from dflint.packages.command import read

    return read(command, import_module("dflint.packages." + known[0]).GRAMMARS[known[1]], words)


def _static_base_name(command: Command) -> str:
    """``pip`` of ``$VENV/bin/pip``, empty if the base name is dynamic."""
    parts = command.name.parts if command.name is not None else None
    if not parts or not isinstance(parts[-1][1], str):
        return ""
    return parts[-1][1].rpartition("/")[2] if "/" in parts[-1][1] else ""
