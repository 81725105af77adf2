"""The package managers' commands of a RUN, read once for all rules that look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.packages import parse_package_command

if TYPE_CHECKING:
    from dflint.model import Model, Stage
    from dflint.packages.command import PackageCommand
    from dflint.shell import Command
    from dflint.source import Span
    from dflint.syntax.tree import Run

# The rules visit a RUN one after the other, so remembering the last one is enough.
_last: tuple[Run, list[Command], list[PackageCommand]] | None = None


def package_commands(run: Run, model: Model) -> list[PackageCommand]:
    """What the package managers do in a RUN, in the order of the text; seen through sudo, env and the like."""
    return (_last if _last is not None and _last[0] is run else _read(run, model))[2]


def unwrapped_commands(run: Run, model: Model) -> list[Command]:
    """The simple commands of a RUN in the order of the text, each seen through its wrappers."""
    return (_last if _last is not None and _last[0] is run else _read(run, model))[1]


def _read(run: Run, model: Model) -> tuple[Run, list[Command], list[PackageCommand]]:
    global _last
    commands = [command.unwrapped() for command in model.commands_of(run)]
    found = [read for command in commands if (read := parse_package_command(command)) is not None]
    _last = (run, commands, found)
    return _last


def can_edit(command: Command, run: Run) -> bool:
    """Whether words may be inserted into a command as they are: not inside a string or a JSON array."""
    return not run.exec_form and not command.in_string


def has_unknown_options(command: Command) -> bool:
    """Whether a variable among the words is called as if it held options: ``$APT_OPTS``, ``${APK_FLAGS}``, ``$@``."""
    return any(
        part in use.name.upper()
        for word in command.arguments
        if word.variables and not word.literal_prefix
        for use in word.variables
        for part in ("OPT", "FLAG", "ARG", "YES", "QUIET", "@", "*")
    )


def name_and_subcommand(package_command: PackageCommand) -> Span:
    """The range from the manager's name to its subcommand: ``apt-get -q update``."""
    span = package_command.command.span
    name = package_command.command.name
    if name is not None:
        span = name.span
    if package_command.subcommand is not None:
        span = span._replace(end=package_command.subcommand.end)
    return span


def is_in_image(run: Run, model: Model) -> bool:
    """Whether the RUN's layer is part of an image: of the target, or of one that only ``--target`` can ask for.

    Stages that others merely copy from are thrown away. A trigger runs in the build of another file.
    """
    if run.is_onbuild_trigger:
        return True
    stage = model.stage_of(run)
    return stage is not None and (stage.is_shipped or _leads_to_target(stage))


def _leads_to_target(stage: Stage) -> bool:
    pending: list[Stage] = [stage]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if current.index in seen:
            continue
        seen.add(current.index)
        if current.is_shipped or not (current.children or current.users):
            return True
        pending.extend(current.children)
    return False


def has_configuration(run: Run, model: Model, marks: tuple[str, ...], files: tuple[str, ...] = ()) -> bool:
    """Whether a configuration file may have settled what a command line does not say.

    ``marks`` (lower case) are looked for in the whole text up to the end of the RUN, for that is where a file is
    written from; ``files`` in the COPY and ADD instructions before it, of which only the name is known.
    """
    text = model.source.text[: run.end].lower()
    if any(mark in text for mark in marks):
        return True
    if not any(file in text for file in files):
        return False
    return any(
        instruction.type in ("copy", "add") and any(file in text[instruction.start : instruction.end] for file in files)
        for instruction in model.instructions[: run.index]
    )
