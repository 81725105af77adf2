"""One thing that hadolint says of a file and dflint does not, or the other way round, and what stands at its place."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from dflint.packages import parse_package_command
from dflint.syntax.tree import CommandInstruction, Instruction, Onbuild

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from dflint.model import Model, Stage
    from dflint.packages.command import PackageCommand
    from dflint.shell import Command, Word


class Difference:
    """``line`` is where the instruction starts, from 1; ``starts`` are the offsets of dflint's findings there."""

    def __init__(
        self,
        code: str,
        line: int,
        message: str,
        model: Model,
        starts: Sequence[int] = (),
        others: Sequence[int] = (),
        beside: Collection[str] = (),
    ) -> None:
        self.code = code
        self.line = line
        self.message = message
        self.model = model
        self.starts = tuple(starts)
        """Empty if it is hadolint's."""
        self.others = tuple(others)
        """Lines of the other one's statements with the same code."""
        self.beside = beside
        """The codes of all that hadolint says of the line, ShellCheck's included."""

    @property
    def is_theirs(self) -> bool:
        """Whether it is hadolint that says it."""
        return not self.starts

    @cached_property
    def instruction(self) -> Instruction | None:
        """The instruction on the line; of ONBUILD the trigger."""
        source = self.model.source
        found = next((i for i in self.model.instructions if source.line_of(i.start) == self.line), None)
        while isinstance(found, Onbuild) and found.trigger is not None:
            found = found.trigger
        return found

    @cached_property
    def text(self) -> str:
        """The instruction as written, with its here-documents."""
        found = self.instruction
        return self.model.source.text[found.start : found.end] if found is not None else ""

    @cached_property
    def stage(self) -> Stage | None:
        return self.model.stage_of(self.instruction) if self.instruction is not None else None

    @property
    def is_in_image(self) -> bool:
        """Whether the stage's layers are in the image that is built, whatever the build arguments."""
        stage, current = self.stage, self.model.target
        while current is not None and current is not stage:
            current = current.parent
        return stage is not None and current is stage

    @cached_property
    def direct_commands(self) -> tuple[Command, ...]:
        """The simple commands of the instruction's script as written: ``sudo`` and the like are programs."""
        found = self.instruction
        return self.model.commands_of(found) if isinstance(found, CommandInstruction) else ()

    @cached_property
    def commands(self) -> list[Command]:
        """The simple commands, seen through ``sudo`` and the like."""
        return [command.unwrapped() for command in self.direct_commands]

    @cached_property
    def package_commands(self) -> list[PackageCommand]:
        return [read for command in self.commands if (read := parse_package_command(command)) is not None]

    def has_program(self, *programs: str) -> bool:
        return any(command.program in programs for command in self.commands)

    def words(self) -> Iterator[Word]:
        """The arguments of all commands."""
        for command in self.commands:
            yield from command.arguments

    def commands_at_findings(self) -> list[Command]:
        """The commands, as written, that dflint's findings stand in."""
        return [
            [command for command in self.direct_commands if command.start <= start < command.end][-1]
            for start in self.starts
            if any(command.start <= start < command.end for command in self.direct_commands)
        ]
