"""The commands of a RUN that the final stage has to run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.split.view import is_within
from dflint.packages import parse_package_command
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.optimizer.effects import RunEffects
    from dflint.optimizer.split.packages import Packages
    from dflint.optimizer.split.view import Step, View
    from dflint.packages.command import PackageCommand
    from dflint.shell import Command
    from dflint.syntax.tree import Run

_OWNERS = frozenset(("chown", "chmod", "chgrp"))
_RECURSIVE = ("-R", "--recursive")


class Replay(NamedTuple):
    """A RUN of the final stage."""

    text: str
    is_packages: bool = False
    """Whether it does nothing but install packages and make accounts, so that it may stand above copies."""
    has_extra: bool = False


def replay_of(
    view: View, step: Step, run: Run, effects: RunEffects, trees: Sequence[str], packages: Packages
) -> Replay | str | None:
    """What of a RUN to run again; None if nothing, a text that says why that cannot be told."""
    parts: list[str] = []
    kinds: list[str] = []
    installs = False
    for item in effects.commands:
        command, effect = item.command, item.effect
        package = parse_package_command(command)
        if package is not None and package.action == "install" and package.manager in _MANAGERS:
            line = _install(view, package, packages)
            if line:
                parts.append(line)
                installs = True
            continue
        for line in effect.again:
            parts.append(line)
            kinds.append("system")
        if effect.kind == "nothing":
            continue
        if (
            command.program == "mkdir"
            and not _sets_mode(command)
            and all(any(is_within(tree, path) for tree in trees) for path in effect.writes)
        ):
            continue  # comes with what is copied below it
        if effect.kind == "files":
            owner = _own(view, command, effect.owns, trees, run)
            if owner:
                parts.append(owner)
                kinds.append("files")
            continue
        if (
            command.program in _OWNERS
            and effect.writes
            and all(_is_covered(path, trees) for path in (*effect.writes, *effect.owns))
        ):
            owner = _own(view, command, effect.owns or effect.writes, trees, run)
            if owner:
                parts.append(owner)
                kinds.append("files")
            continue
        if not effects.is_chain:
            return _whole(view, run, effects)
        parts.append(command.raw)
        kinds.append("accounts" if command.program in _ACCOUNTS else "system")
    if not parts:
        return None
    text = _joined(view, run, parts, installs)
    return Replay(text, all(kind == "accounts" for kind in kinds))


_MANAGERS = frozenset(("apt-get", "apt", "apk", "yum", "dnf", "microdnf"))
_ACCOUNTS = frozenset(("useradd", "groupadd", "adduser", "addgroup", "usermod", "groupmod"))


def _sets_mode(command: Command) -> bool:
    return any(word.raw.startswith(("-m", "--mode")) for word in command.arguments)


def _is_covered(path: str, trees: Sequence[str]) -> bool:
    return any(is_within(path, tree) for tree in trees)


def _whole(view: View, run: Run, effects: RunEffects) -> Replay | str:
    """A RUN that is no plain chain: all of it, if all of it is about the system."""
    if any(item.effect.kind == "files" for item in effects.commands):
        return "its commands cannot be told apart into those that build and those that set up the system"
    return Replay(view.draft.text[run.start : run.end])


def _own(view: View, command: Command, owns: Sequence[str], trees: Sequence[str], run: Run) -> str:
    """``chown -R app /app`` as ``chown app /app``: COPY keeps the owners of all but the copied folders themselves."""
    if command.program not in _OWNERS:
        return ""
    wanted = [path for path in owns if path in trees and view.is_folder(path)]
    if not wanted:
        return ""
    words = [word.raw for word in command.words]
    operands = [word for word in command.arguments if not word.raw.startswith("-")]
    spec = next((word.raw for word in operands), "")
    options = [word.raw for word in command.arguments if word.raw.startswith("-") and word.raw not in _RECURSIVE]
    options = [option for option in options if option != "-R" and "recursive" not in option]
    options = ["-" + option[1:].replace("R", "") if not option.startswith("--") else option for option in options]
    return " ".join([words[0], *(option for option in options if option != "-"), spec, *wanted])


def _install(view: View, package: PackageCommand, packages: Packages) -> str:
    """An install with the packages that run; empty if there are none."""
    names: list[str] = []
    for item in package.packages:
        names += packages.kept.get(item.word.start, (item.word.raw,))
    names = list(dict.fromkeys(names))
    if not names:
        return ""
    words = [word.raw for word in package.command.words]
    starts = {item.word.start for item in package.packages}
    kept = [word.raw for word in package.command.words if word.start not in starts]
    del words
    return " ".join([*kept, *names])


def _joined(view: View, run: Run, parts: Sequence[str], installs: bool) -> str:
    escape = view.model.tree.escape
    newline = view.model.source.newline
    commands = list(parts)
    if installs and any(part.split()[0] in ("apt-get", "apt") for part in parts):
        commands = ["apt-get update", *parts, "rm -rf /var/lib/apt/lists/*"]
    flags = [
        view.draft.text[flag.start : flag.end]
        for flag in run.flags
        if not flag.text.startswith(("type=bind", "type=secret"))
    ]
    head = " ".join([run.keyword.text, *flags])
    return head + " " + f" {escape}{newline}    && ".join(commands)
