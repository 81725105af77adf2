"""Which table knows a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.effects.effect import Effect, Place, unknown

if TYPE_CHECKING:
    from dflint.shell import Command


def effect_in_families(command: Command, inner: Command, place: Place) -> Effect:
    """The effect by the first table that knows the command; ``inner`` is it without wrappers like ``sudo``."""
    from dflint.packages import parse_package_command

    package = parse_package_command(command)
    if package is not None:
        from dflint.optimizer.effects.package_managers import effect_of_package_command

        found = effect_of_package_command(package, place)
        return found if found is not None else unknown(f"{_name(inner)} may write anywhere")
    program = inner.program or ""
    from dflint.optimizer.effects import general, project, system

    for table in (general.COMMANDS, system.COMMANDS, project.COMMANDS):
        reader = table.get(program) or table.get(program.rstrip("0123456789."))
        if reader is not None:
            return reader(inner, place)
    return project.of_unknown(inner, place)


def _name(command: Command) -> str:
    return " ".join(word.raw for word in command.words[:3])
